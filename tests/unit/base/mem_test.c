/* SPDX-License-Identifier: Apache-2.0 */
/* Promises of the arena and the growable array. */
#include "base/mem.h"

#include "lib/oom.h"
#include "lib/test.h"

#include <stdint.h>
#include <string.h>

START_TEST(arena_memory_is_zeroed_and_aligned)
{
	struct arena arena = ARENA_INIT;

	for (size_t size = 0; size < 300; size++) {
		unsigned char *p = arena_alloc(&arena, size);

		ck_assert_ptr_nonnull(p);
		ck_assert_uint_eq((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			ck_assert_uint_eq(p[i], 0);
		memset(p, 0xff, size);
		ck_assert_ptr_nonnull(arena_strdup(&arena, "x"));
	}
	arena_free(&arena);
}
END_TEST

START_TEST(arena_pieces_do_not_overlap)
{
	struct arena arena = ARENA_INIT;
	char *texts[2000];

	for (int i = 0; i < 2000; i++) {
		texts[i] = arena_printf(&arena, "%d%*s", i, i % 97, "");
		if (i % 100 == 0)
			memset(arena_alloc(&arena, 100000), 1, 100000);
	}
	for (int i = 0; i < 2000; i++)
		ck_assert_int_eq(atoi(texts[i]), i);
	arena_free(&arena);
}
END_TEST

START_TEST(arena_printf_writes_texts_of_every_length)
{
	struct arena arena = ARENA_INIT;

	for (int n = 0; n < 1000; n++) {
		const char *text = arena_printf(&arena, "%*s", n, "");

		ck_assert_uint_eq(strlen(text), (size_t)n);
	}
	arena_free(&arena);
}
END_TEST

START_TEST(arena_stops_at_its_limit)
{
	struct arena arena = { .limit = 1000 };

	ck_assert_ptr_nonnull(arena_alloc(&arena, 900));
	ck_assert_ptr_null(arena_alloc(&arena, 200));
	ck_assert_ptr_nonnull(arena_alloc(&arena, 50));
	arena_free(&arena);
}
END_TEST

START_TEST(arena_array_refuses_a_product_that_overflows)
{
	struct arena arena = ARENA_INIT;

	ck_assert_ptr_null(arena_array(&arena, SIZE_MAX / 2, 4));
	ck_assert_ptr_null(arena_alloc(&arena, SIZE_MAX));
	ck_assert_ptr_null(arena_strndup(&arena, "", SIZE_MAX));
	arena_free(&arena);
}
END_TEST

START_TEST(arena_may_be_used_again_after_free)
{
	struct arena arena = ARENA_INIT;

	ck_assert_ptr_nonnull(arena_alloc(&arena, 10));
	arena_free(&arena);
	arena_free(&arena);
	ck_assert_uint_eq(arena.used, 0);
	ck_assert_ptr_nonnull(arena_alloc(&arena, 10));
	arena_free(&arena);
}
END_TEST

START_TEST(arena_strdup_of_null_is_null)
{
	struct arena arena = ARENA_INIT;

	ck_assert_ptr_null(arena_strdup(&arena, NULL));
	ck_assert_ptr_null(arena.blocks);
}
END_TEST

START_TEST(arena_strlist_copies_deeply)
{
	struct arena arena = ARENA_INIT;
	char one[] = "one";
	const char *const list[] = { one, "", NULL };
	bool ok = true;
	const char *const *copy = arena_strlist(&arena, list, &ok);

	one[0] = 'x';
	ck_assert(ok);
	ck_assert_str_eq(copy[0], "one");
	ck_assert_str_eq(copy[1], "");
	ck_assert_ptr_null(copy[2]);
	ck_assert_ptr_null(arena_strlist(&arena, NULL, &ok));
	ck_assert(ok);
	arena_free(&arena);
}
END_TEST

START_TEST(arena_strlist_tells_when_memory_ends)
{
	const char *const list[] = { "one", "two", NULL };

	for (size_t limit = 1; limit < 30; limit++) {
		struct arena arena = { .limit = limit };
		bool ok = true;
		const char *const *copy = arena_strlist(&arena, list, &ok);

		ck_assert_int_eq(ok, copy != NULL);
		arena_free(&arena);
	}
}
END_TEST

START_TEST(vec_gives_zeroed_elements_up_to_its_limit)
{
	VEC(uint64_t) numbers = { 0 };

	for (uint64_t i = 0; i < 1000; i++) {
		uint64_t *slot = vec_push(&numbers, 1000);

		ck_assert_ptr_nonnull(slot);
		ck_assert_uint_eq(*slot, 0);
		*slot = i;
	}
	ck_assert_ptr_null(vec_push(&numbers, 1000));
	ck_assert_uint_eq(numbers.n, 1000);
	for (uint64_t i = 0; i < 1000; i++)
		ck_assert_uint_eq(numbers.items[i], i);
	vec_free(&numbers);
	ck_assert_ptr_null(numbers.items);
}
END_TEST

START_TEST(vec_keeps_what_it_has_when_memory_ends)
{
	VEC(uint64_t) numbers = { 0 };

	for (uint64_t i = 0; i < 8; i++)
		*vec_push(&numbers, 0) = i;
	oom_at(1);

	const uint64_t *slot = vec_push(&numbers, 0);

	if (oom_off()) {
		ck_assert_ptr_null(slot);
		ck_assert_uint_eq(numbers.n, 8);
	}
	ck_assert_uint_eq(numbers.items[7], 7);
	vec_free(&numbers);
}
END_TEST

START_TEST(steal_empties_the_variable)
{
	_cleanup_free_ char *p = strdup("x");
	char *mine = hbr_steal(p);

	ck_assert_ptr_null(p);
	ck_assert_str_eq(mine, "x");
	free(mine);
}
END_TEST

HBR_SUITE(mem)
{
	tcase_add_test(tcase, arena_printf_writes_texts_of_every_length);
	tcase_add_test(tcase, arena_memory_is_zeroed_and_aligned);
	tcase_add_test(tcase, arena_pieces_do_not_overlap);
	tcase_add_test(tcase, arena_stops_at_its_limit);
	tcase_add_test(tcase, arena_array_refuses_a_product_that_overflows);
	tcase_add_test(tcase, arena_may_be_used_again_after_free);
	tcase_add_test(tcase, arena_strdup_of_null_is_null);
	tcase_add_test(tcase, arena_strlist_copies_deeply);
	tcase_add_test(tcase, arena_strlist_tells_when_memory_ends);
	tcase_add_test(tcase, vec_gives_zeroed_elements_up_to_its_limit);
	tcase_add_test(tcase, vec_keeps_what_it_has_when_memory_ends);
	tcase_add_test(tcase, steal_empties_the_variable);
}
