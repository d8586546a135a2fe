/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of files, modules, units, containers, router configuration, API objects, actions and
 * expectations. The ids are in packed files: add at the end, never use one again.
 */
#include "resource/tables.h"

#include <stddef.h>

#define FILE_AT(member) offsetof(hbr_file, member)
#define UNIT(member) offsetof(hbr_unit, member)
#define CONTAINER(member) offsetof(hbr_container, member)
#define CONFIG(member) offsetof(hbr_config, member)
#define OBJECT(member) offsetof(hbr_apiobject, member)
#define EXPECT(member) offsetof(hbr_expect, member)

static const char *const expect_types[] = {
	"none",
	[HBR_EXPECT_SESSION] = "session",
	[HBR_EXPECT_RIB] = "rib",
	[HBR_EXPECT_FIB] = "fib",
	[HBR_EXPECT_PING] = "ping",
	[HBR_EXPECT_BLOCKS] = "blocks",
	[HBR_EXPECT_NEIGHBORS] = "neighbors",
	[HBR_EXPECT_PROBE] = "probe",
	[HBR_EXPECT_READY] = "ready",
	[HBR_EXPECT_LISTENER] = "listener",
	NULL,
};

/* clang-format off */
static const struct attr file_attrs[] = {
	{ "text", ATTR_TEXT, ATTR_LIVE, FILE_AT(text), 1, 0, HBR_GRADE_HARMLESS },
	{ "digest", ATTR_STR, ATTR_LIVE, FILE_AT(digest), 2, 0, HBR_GRADE_HARMLESS,
	  .quiet = true },
	{ "mode", ATTR_MODE, ATTR_LIVE, FILE_AT(mode), 3, 0, HBR_GRADE_HARMLESS,
	  .free_zero = true },
	{ "size", ATTR_U32, ATTR_GIVEN, FILE_AT(size), 4, .quiet = true },
	{ "first", ATTR_TEXT, ATTR_GIVEN, FILE_AT(first), 5, .quiet = true },
};

static const struct attr module_attrs[] = {
	{ "running", ATTR_BOOL, ATTR_LIVE, UNIT(running), 3, 0, HBR_GRADE_HARMLESS,
	  .free_zero = true },
};

static const struct attr unit_attrs[] = {
	{ "text", ATTR_TEXT, ATTR_LIVE, UNIT(text), 1, 0, HBR_GRADE_HARMLESS },
	{ "running", ATTR_BOOL, ATTR_LIVE, UNIT(running), 3, 0, HBR_GRADE_HARMLESS,
	  .free_zero = true },
	{ "enabled", ATTR_BOOL, ATTR_LIVE, UNIT(enabled), 4, 0, HBR_GRADE_HARMLESS,
	  .free_zero = true },
};

static const struct attr container_attrs[] = {
	{ "image", ATTR_STR, ATTR_REMAKE, CONTAINER(image), 2, 0, HBR_GRADE_TRAFFIC },
	{ "running", ATTR_BOOL, ATTR_LIVE, CONTAINER(running), 3, 0, HBR_GRADE_HARMLESS,
	  .free_zero = true },
	{ "archive", ATTR_STR, ATTR_GIVEN, CONTAINER(archive), 5, .quiet = true },
	{ "hostname", ATTR_STR, ATTR_REMAKE, CONTAINER(hostname), 6, 0, HBR_GRADE_TRAFFIC },
	{ "mounts", ATTR_STR, ATTR_REMAKE, CONTAINER(mounts), 7, 0, HBR_GRADE_TRAFFIC },
	{ "id", ATTR_STR, ATTR_SEEN, CONTAINER(id), 8 },
	{ "memory_mib", ATTR_U32, ATTR_REMAKE, CONTAINER(memory_mib), 9, 0, HBR_GRADE_TRAFFIC,
	  .free_zero = true },
	{ "privileged", ATTR_BOOL, ATTR_REMAKE, CONTAINER(privileged), 10, 0, HBR_GRADE_TRAFFIC },
	{ "pid", ATTR_U32, ATTR_SEEN, CONTAINER(pid), 11 },
};

static const struct attr config_attrs[] = {
	{ "text", ATTR_STANZA, ATTR_LIVE, CONFIG(text), 1, 0, HBR_GRADE_SESSION },
	{ "running", ATTR_BOOL, ATTR_LIVE, CONFIG(running), 2, 0, HBR_GRADE_HARMLESS,
	  .free_zero = true },
};

static const struct attr object_attrs[] = {
	{ "text", ATTR_JSON, ATTR_LIVE, OBJECT(text), 1, 0, HBR_GRADE_HARMLESS },
	{ "uid", ATTR_STR, ATTR_GIVEN, OBJECT(uid), 2, .quiet = true },
};

static const struct attr expect_attrs[] = {
	{ "type", ATTR_WORD, ATTR_GIVEN, EXPECT(type), 1, 0, 0, expect_types },
	{ "count", ATTR_U32, ATTR_GIVEN, EXPECT(count), 2 },
	{ "families", ATTR_U32, ATTR_GIVEN, EXPECT(families), 3 },
	{ "asn", ATTR_U32, ATTR_GIVEN, EXPECT(asn), 4 },
	{ "engine", ATTR_STR, ATTR_GIVEN, EXPECT(engine), 5 },
	{ "dev", ATTR_STR, ATTR_GIVEN, EXPECT(dev), 6 },
	{ "addr", ATTR_ADDR, ATTR_GIVEN, EXPECT(addr), 7 },
	{ "source", ATTR_ADDR, ATTR_GIVEN, EXPECT(source), 8 },
	{ "port", ATTR_U32, ATTR_GIVEN, EXPECT(port), 9 },
};
/* clang-format on */

const struct kind kind_file = {
	.name = "file",
	.body = sizeof(hbr_file),
	.attrs = file_attrs,
	.n_attrs = hbr_count(file_attrs),
	.planned = true,
	.stage = HBR_STAGE_PREPARE,
	.create_grade = HBR_GRADE_HARMLESS,
	.delete_grade = HBR_GRADE_HARMLESS,
};

const struct kind kind_module = {
	.name = "module",
	.body = sizeof(hbr_unit),
	.attrs = module_attrs,
	.n_attrs = hbr_count(module_attrs),
	.planned = true,
	.no_owner = true,
	.stage = HBR_STAGE_PREPARE,
	.create_grade = HBR_GRADE_HARMLESS,
	.delete_grade = HBR_GRADE_HARMLESS,
};

const struct kind kind_unit = {
	.name = "unit",
	.body = sizeof(hbr_unit),
	.attrs = unit_attrs,
	.n_attrs = hbr_count(unit_attrs),
	.planned = true,
	.stage = HBR_STAGE_ROUTER,
	.create_grade = HBR_GRADE_HARMLESS,
	.delete_grade = HBR_GRADE_TRAFFIC,
};

const struct kind kind_container = {
	.name = "container",
	.body = sizeof(hbr_container),
	.attrs = container_attrs,
	.n_attrs = hbr_count(container_attrs),
	.planned = true,
	.in_netns = true,
	.stage = HBR_STAGE_ROUTER,
	.create_grade = HBR_GRADE_HARMLESS,
	.delete_grade = HBR_GRADE_TRAFFIC,
};

const struct kind kind_config = {
	.name = "config",
	.body = sizeof(hbr_config),
	.attrs = config_attrs,
	.n_attrs = hbr_count(config_attrs),
	.planned = true,
	.in_netns = true,
	.stage = HBR_STAGE_ROUTER,
	.create_grade = HBR_GRADE_HARMLESS,
	.delete_grade = HBR_GRADE_TRAFFIC,
};

const struct kind kind_object = {
	.name = "object",
	.body = sizeof(hbr_apiobject),
	.attrs = object_attrs,
	.n_attrs = hbr_count(object_attrs),
	.planned = true,
	.stage = HBR_STAGE_CALICO,
	.create_grade = HBR_GRADE_HARMLESS,
	.delete_grade = HBR_GRADE_HARMLESS,
};

const struct kind kind_action = {
	.name = "action",
	.planned = true,
	.stage = HBR_STAGE_CLUSTER,
	.create_grade = HBR_GRADE_HARMLESS,
	.delete_grade = HBR_GRADE_HARMLESS,
};

const struct kind kind_expect = {
	.name = "expect",
	.body = sizeof(hbr_expect),
	.attrs = expect_attrs,
	.n_attrs = hbr_count(expect_attrs),
	.in_netns = true,
	.stage = HBR_STAGE_LINKS,
};
