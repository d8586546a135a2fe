/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of API objects by their kind: who shares them, what a change of them disrupts. */
#include "resource/kind.h"

#include <string.h>

#include "text/members.h"

#define VALUE_SHOWN 48 /* bytes of a value in a one-line summary */

/* Sets *n; not ended by NUL. */
static const char *kind_in(const hbr_resource *object, size_t *n)
{
	const char *end = object->name + strlen(object->name);

	/* The two last parts have no slashes, the first may have one. */
	for (int i = 0; i < 2; i++) {
		end = memrchr(object->name, '/', (size_t)(end - object->name));
		if (!end) {
			*n = 0;
			return object->name;
		}
	}

	const char *slash = memrchr(object->name, '/', (size_t)(end - object->name));
	const char *kind = slash ? slash + 1 : object->name;

	*n = (size_t)(end - kind);
	return kind;
}

static bool is_kind(const hbr_resource *object, const char *name)
{
	size_t n;
	const char *kind = kind_in(object, &n);

	return n == strlen(name) && memcmp(kind, name, n) == 0;
}

/* How we share objects with others. */
enum tenure {
	OWNED,  /* they carry our label */
	SHARED, /* whoever comes first makes them */
	GUEST,  /* others make them; we have members in them */
};

/* In the order in which they are made; unknown kinds come last. */
static const struct {
	const char *kind;
	enum tenure tenure;
	int32_t delete_grade;
} kinds[] = {
	{ "CustomResourceDefinition", OWNED, HBR_GRADE_IRREVERSIBLE },
	{ "Namespace", OWNED, HBR_GRADE_POD },
	{ "IPPool", OWNED, HBR_GRADE_POD },
	{ "FelixConfiguration", SHARED, HBR_GRADE_HARMLESS },
	{ "Node", GUEST, HBR_GRADE_SESSION },
	{ "BGPPeer", OWNED, HBR_GRADE_TRAFFIC },
	{ "BGPConfiguration", OWNED, HBR_GRADE_SESSION },
	{ "NetworkAttachmentDefinition", OWNED, HBR_GRADE_POD },
};

static size_t kind_index(const hbr_resource *object)
{
	for (size_t i = 0; i < hbr_count(kinds); i++) {
		if (is_kind(object, kinds[i].kind))
			return i;
	}
	return hbr_count(kinds);
}

/* The first row that fits decides; what is not here is harmless. */
static const struct {
	const char *kind;
	const char *path; /* that it begins with */
	int32_t grade;
	bool is_fixed; /* taken once: a change needs a new object */
} changes[] = {
	{ "BGPConfiguration", "spec.", HBR_GRADE_SESSION, false },
	{ "BGPPeer", "spec.", HBR_GRADE_SESSION, false },
	{ "Node", "metadata.annotations.projectcalico.org/", HBR_GRADE_SESSION, false },
	{ "IPPool", "spec.cidr", HBR_GRADE_POD, true },
	{ "IPPool", "spec.blockSize", HBR_GRADE_POD, true },
	{ "IPPool", "spec.disabled", HBR_GRADE_POD, false },
	{ "IPPool", "spec.nodeSelector", HBR_GRADE_POD, false },
	{ "IPPool", "spec.", HBR_GRADE_TRAFFIC, false },
};

/* What a member is for those who do not find it. */
static const struct {
	const char *kind, *path, *value;
} defaults[] = {
	{ "IPPool", "spec.nodeSelector", "all()" },
	{ "IPPool", "spec.ipipMode", "Never" },
	{ "IPPool", "spec.vxlanMode", "Never" },
	{ "IPPool", "spec.natOutgoing", "false" },
	{ "IPPool", "spec.disabled", "false" },
	{ "BGPConfiguration", "spec.nodeToNodeMeshEnabled", "true" },
	{ "BGPConfiguration", "spec.asNumber", "64512" },
	{ "BGPConfiguration", "spec.listenPort", "179" },
};

static const char *text_of(const hbr_resource *object)
{
	const char *text = ((const hbr_apiobject *)object->body)->text;

	return text ? text : "";
}

static enum tenure tenure_of(const hbr_resource *object)
{
	size_t i = object->kind == HBR_KIND_OBJECT ? kind_index(object) : hbr_count(kinds);

	return i < hbr_count(kinds) ? kinds[i].tenure : OWNED;
}

bool object_is_shared(const hbr_resource *object)
{
	return tenure_of(object) != OWNED;
}

bool object_is_others(const hbr_resource *object)
{
	return tenure_of(object) == GUEST;
}

int object_only_adds(const hbr_resource *wanted, const hbr_resource *have, hbr_error **err)
{
	return members_cover(text_of(wanted), text_of(have), err);
}

/* What is not said is as good as the same: whoever reads the object fills it in. */
static bool differs_at(const json_t *wanted, const json_t *have, const char *path)
{
	const json_t *a = members_at(wanted, path);
	const json_t *b = members_at(have, path);

	return a && b && !json_equal(a, b);
}

int object_needs_remake(const hbr_resource *wanted, const hbr_resource *have, hbr_error **err)
{
	_cleanup_json_ json_t *a = NULL, *b = NULL;
	int rc = members_read(text_of(wanted), &a, err);

	if (rc == 0)
		rc = members_read(text_of(have), &b, err);
	for (size_t i = 0; i < hbr_count(changes) && rc == 0; i++)
		rc = changes[i].is_fixed && is_kind(wanted, changes[i].kind) &&
		     differs_at(a, b, changes[i].path);
	return rc;
}

static bool is_default(const hbr_resource *object, const char *path, const char *value)
{
	for (size_t i = 0; i < hbr_count(defaults); i++) {
		if (is_kind(object, defaults[i].kind) && strcmp(path, defaults[i].path) == 0)
			return strcmp(value, defaults[i].value) == 0;
	}
	return false;
}

int32_t object_change_grade(const hbr_resource *object, const char *path, const char *from,
                            const char *to)
{
	/* What goes without saying is said, or no longer. */
	if ((!from && to && is_default(object, path, to)) ||
	    (!to && from && is_default(object, path, from)))
		return HBR_GRADE_HARMLESS;
	for (size_t i = 0; i < hbr_count(changes); i++) {
		if (is_kind(object, changes[i].kind) &&
		    strncmp(path, changes[i].path, strlen(changes[i].path)) == 0)
			return changes[i].grade;
	}
	return HBR_GRADE_HARMLESS;
}

int32_t object_delete_grade(const hbr_resource *object)
{
	size_t i = kind_index(object);

	return i < hbr_count(kinds) ? kinds[i].delete_grade : HBR_GRADE_HARMLESS;
}

uint32_t object_place(const hbr_resource *object)
{
	return (uint32_t)kind_index(object);
}

void object_label(const hbr_resource *object, struct buf *out)
{
	size_t n;
	const char *kind = kind_in(object, &n);

	if (!n) {
		buf_puts(out, object->name);
		return;
	}
	buf_put(out, kind, n);
	/* Without a namespace nothing stands before the slash. */
	buf_putc(out, ' ');
	buf_puts(out, kind + n + 1 + (kind[n + 1] == '/'));
}

/* "spec.nodeSelector" and "metadata.annotations.a" are worth saying, without where they are. */
static const char *worth_saying(const char *path)
{
	static const char *const places[] = { "spec.", "metadata.annotations." };

	for (size_t i = 0; i < hbr_count(places); i++) {
		if (strncmp(path, places[i], strlen(places[i])) == 0)
			return path + strlen(places[i]);
	}
	return NULL;
}

struct summary {
	struct buf *out;
	const char *separator;
};

static int say_member(void *user, const char *path, const char *from, const char *to)
{
	struct summary *summary = user;
	const char *name = worth_saying(path);
	size_t n = to ? strlen(to) : 0;

	(void)from;
	if (!name)
		return 0;
	buf_printf(summary->out, "%s%s ", summary->separator, name);
	if (n > VALUE_SHOWN)
		buf_printf(summary->out, "%zu bytes", n);
	else
		buf_puts(summary->out, to);
	summary->separator = ", ";
	return 0;
}

void object_summary(const hbr_resource *object, struct buf *out)
{
	struct summary summary = { .out = out, .separator = "" };

	members_diff("{}", text_of(object), say_member, &summary, NULL);
}
