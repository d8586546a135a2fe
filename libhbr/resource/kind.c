/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds by number and name; identity of resources: order and key; what a good one is. */
#include "resource/kind.h"

#include <string.h>

#include "base/prefix.h"
#include "resource/tables.h"

static const struct kind *const kinds[] = {
	[HBR_KIND_NETNS] = &kind_netns,         [HBR_KIND_SYSCTL] = &kind_sysctl,
	[HBR_KIND_LINK] = &kind_link,           [HBR_KIND_ADDR] = &kind_addr,
	[HBR_KIND_ROUTE] = &kind_route,         [HBR_KIND_FILE] = &kind_file,
	[HBR_KIND_MODULE] = &kind_module,       [HBR_KIND_UNIT] = &kind_unit,
	[HBR_KIND_CONTAINER] = &kind_container, [HBR_KIND_CONFIG] = &kind_config,
	[HBR_KIND_OBJECT] = &kind_object,       [HBR_KIND_ACTION] = &kind_action,
	[HBR_KIND_EXPECT] = &kind_expect,       [HBR_KIND_RULE] = &kind_rule,
	[HBR_KIND_NEIGH] = &kind_neigh,
};

#define STAGES_ALL ((HBR_STAGE_SECONDARY << 1) - 1)
#define FLAGS_ALL                                                           \
	(HBR_RESOURCE_OURS | HBR_RESOURCE_SECRET | HBR_RESOURCE_OPTIONAL |  \
	 HBR_RESOURCE_GONE)

const struct kind *kind_of(int32_t kind)
{
	return kind > 0 && (size_t)kind < hbr_count(kinds) ? kinds[kind] : NULL;
}

int32_t kind_by_name(const char *name)
{
	for (size_t i = 1; i < hbr_count(kinds); i++) {
		if (strcmp(kinds[i]->name, name) == 0)
			return (int32_t)i;
	}
	return 0;
}

const char *stage_name(int32_t stage)
{
	static const char *const names[] = { "prepare", "links",  "router",  "kubelet",
		                             "cluster", "calico", "service", "secondary" };

	for (size_t i = 0; i < hbr_count(names); i++) {
		if (stage == 1 << i)
			return names[i];
	}
	return "none";
}

const char *resource_netns(const hbr_resource *resource)
{
	return resource->netns && kind_of(resource->kind)->in_netns ? resource->netns : "";
}

int32_t resource_stage(const hbr_resource *resource)
{
	return resource->stage ? resource->stage : kind_of(resource->kind)->stage;
}

bool resource_is_given(const hbr_resource *resource)
{
	const hbr_link *link = resource->body;

	if (resource->kind != HBR_KIND_LINK)
		return kind_of(resource->kind)->no_owner;
	return link->type == HBR_LINK_NIC || link->type == HBR_LINK_LOOPBACK;
}

/* Strings of neighbouring rows are often the same pointer. */
static int text_cmp(const char *a, const char *b)
{
	return a == b ? 0 : strcmp(a ? a : "", b ? b : "");
}

int resource_cmp(const hbr_resource *a, const hbr_resource *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;

	const struct kind *kind = kind_of(a->kind);
	int rc = kind->in_netns ? text_cmp(a->netns, b->netns) : 0;

	if (rc == 0 && !kind->unnamed)
		rc = text_cmp(a->name, b->name);
	if (rc == 0 && kind->cmp)
		rc = kind->cmp(a->body, b->body);
	return rc;
}

void resource_key(const hbr_resource *resource, struct buf *out)
{
	const struct kind *kind = kind_of(resource->kind);

	buf_puts(out, kind->name);
	buf_putc(out, ':');
	if (kind->in_netns) {
		buf_puts(out, resource->netns);
		buf_putc(out, '/');
	}
	if (!kind->unnamed)
		buf_puts(out, resource->name);
	if (kind->key)
		kind->key(resource->body, out);
}

static int check_addr(const hbr_resource *resource, const struct attr *attr, hbr_error **err)
{
	const hbr_addr *addr = attr_at(resource, attr);
	bool is_known = addr->family == 0 || addr->family == 4 || addr->family == 6;

	if (!is_known)
		return hbr_fail(err, HBR_EINVAL, resource->name,
		                "%s: address family %u is neither 4 nor 6", attr->name,
		                addr->family);
	if (attr->use == ATTR_IDENTITY && addr->family == 0)
		return hbr_fail(err, HBR_EINVAL, resource->name, "%s: no address is given",
		                attr->name);
	if (addr->family && addr->length > prefix_bits(addr))
		return hbr_fail(err, HBR_EINVAL, resource->name,
		                "%s: prefix length %u is too long", attr->name, addr->length);
	return 0;
}

static int check_attr(const hbr_resource *resource, const struct attr *attr, hbr_error **err)
{
	size_t max = attr_is_long(attr) ? TEXT_MAX_BYTES : NAME_MAX_BYTES;
	uint32_t words = 0;

	if (attr->type == ATTR_ADDR)
		return check_addr(resource, attr, err);
	if (attr_is_string(attr)) {
		const char *text = attr_string(resource, attr);

		if (!text || strnlen(text, max + 1) <= max)
			return 0;
		return hbr_fail(err, HBR_ELIMIT, resource->name, "%s: longer than %zu bytes",
		                attr->name, max);
	}
	if (attr->type != ATTR_WORD)
		return 0;
	while (attr->words[words])
		words++;
	if (attr_number(resource, attr) >= words)
		return hbr_fail(err, HBR_EINVAL, resource->name, "%s: %u is not a known value",
		                attr->name, attr_number(resource, attr));
	return 0;
}

static int check_name(const char *what, const char *text, size_t max, hbr_error **err)
{
	if (!text || strnlen(text, max + 1) <= max)
		return 0;
	return hbr_fail(err, HBR_EINVAL, NULL, "%s \"%.32s…\" is longer than %zu bytes", what,
	                text, max);
}

int resource_check(const hbr_resource *resource, hbr_error **err)
{
	const struct kind *kind = kind_of(resource->kind);

	if (!kind)
		return hbr_fail(err, HBR_EINVAL, resource->name,
		                "resource kind %d is not known", resource->kind);
	if (!kind->unnamed && (!resource->name || !resource->name[0]))
		return hbr_fail(err, HBR_EINVAL, NULL, "a resource of kind %s has no name",
		                kind->name);
	if (kind->body && !resource->body)
		return hbr_fail(err, HBR_EINVAL, resource->name,
		                "a resource of kind %s has no body", kind->name);
	if (resource->flags & ~(uint32_t)FLAGS_ALL)
		return hbr_fail(err, HBR_EINVAL, resource->name,
		                "resource flags %#x are not known", resource->flags);
	if (resource->stage & ~STAGES_ALL || resource->stage & (resource->stage - 1))
		return hbr_fail(err, HBR_EINVAL, resource->name, "stage %#x is none",
		                resource->stage);

	size_t name_max = kind->name_max ? kind->name_max : NAME_MAX_BYTES;
	int rc = check_name("the name", resource->name, name_max, err);

	if (rc == 0)
		rc = check_name("the namespace", resource->netns, NAME_MAX_BYTES, err);
	if (rc == 0)
		rc = check_name("the owner", resource->owner, NAME_MAX_BYTES, err);
	for (uint32_t i = 0; rc == 0 && i < kind->n_attrs; i++)
		rc = check_attr(resource, &kind->attrs[i], err);
	return rc;
}

uint64_t resource_digest(const void *data, size_t size)
{
	const unsigned char *bytes = data;
	uint64_t digest = 0xcbf29ce484222325u;

	for (size_t i = 0; i < size; i++)
		digest = (digest ^ bytes[i]) * 0x100000001b3u;
	return digest;
}
