/* SPDX-License-Identifier: Apache-2.0 */
/* Export marks, version, result codes, owned text. Every other public header includes this one. */
#ifndef HBR_COMMON_H
#define HBR_COMMON_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define HBR_API __attribute__((visibility("default")))
#else
#define HBR_API
#endif

#ifdef __cplusplus
#define HBR_BEGIN extern "C" {
#define HBR_END }
#else
#define HBR_BEGIN
#define HBR_END
#endif

/* The build reads the version from these three lines. */
#define HBR_VERSION_MAJOR 0
#define HBR_VERSION_MINOR 1
#define HBR_VERSION_PATCH 0

/*
 * Result codes: every fallible call returns 0 (or a documented positive value) or one of these.
 * The numbers are ABI and never change; new codes are added at the end.
 */
#define HBR_CODES(X)                                                                           \
	X(EINVAL, -1, "invalid argument")                                                      \
	X(ENOMEM, -2, "out of memory")                                                         \
	X(ESYNTAX, -3, "the text is not well formed")                                          \
	X(EMODEL, -4, "the topology is not consistent")                                        \
	X(ELIMIT, -5, "a limit was exceeded")                                                  \
	X(ENOENT, -6, "no such object")                                                        \
	X(EEXIST, -7, "the object exists already")                                             \
	X(EIO, -8, "input or output failed")                                                   \
	X(ESYSTEM, -9, "the system refused the request")                                       \
	X(EPERM, -10, "not permitted")                                                         \
	X(ENOTSUP, -11, "not supported here")                                                  \
	X(ETIMEDOUT, -12, "the deadline passed")                                               \
	X(ECANCELED, -13, "cancelled")                                                         \
	X(EBUSY, -14, "in use by someone else")                                                \
	X(ECONFLICT, -15, "the object exists and is not ours")                                 \
	X(ESTALE, -16, "the world changed since the plan was made")                            \
	X(EDISRUPTIVE, -17, "the plan disrupts more than was allowed")                         \
	X(EWAIT, -18, "a gate is shut: call again later")                                      \
	X(EVERIFY, -19, "applied, but it does not verify")                                     \
	X(EROLLBACK, -20, "could not be fully undone")                                         \
	X(EROUTER, -21, "the router refused the configuration or does not answer")             \
	X(EKUBE, -22, "the Kubernetes API refused the request")                                \
	X(EFORMAT, -23, "foreign, newer or damaged file format")                               \
	X(EDANGER, -24, "this would cut the management path")

enum hbr_code {
	HBR_OK = 0,
#define HBR_CODE_ENUM(name, value, text) HBR_##name = value,
	HBR_CODES(HBR_CODE_ENUM)
#undef HBR_CODE_ENUM
};

/* Formats of the hbr_*_dump() functions; each says which it knows. */
enum hbr_format {
	HBR_FORMAT_TEXT = 1,   /* for people, plain, no colour */
	HBR_FORMAT_JSON = 2,   /* one document, apiVersion hbr.dev/v1alpha1 */
	HBR_FORMAT_YAML = 3,   /* the site document */
	HBR_FORMAT_BINARY = 4, /* protobuf, for hbr_plan_load() */
};

/* Stages of the procedure, in order (bits, so that a scope can name several). */
enum hbr_stage {
	HBR_STAGE_PREPARE = 1 << 0,
	HBR_STAGE_LINKS = 1 << 1,
	HBR_STAGE_ROUTER = 1 << 2,
	HBR_STAGE_KUBELET = 1 << 3,
	HBR_STAGE_CLUSTER = 1 << 4,
	HBR_STAGE_CALICO = 1 << 5,
	HBR_STAGE_SERVICE = 1 << 6,
	HBR_STAGE_SECONDARY = 1 << 7,
};

typedef struct hbr_error hbr_error;       /* why a call failed: error.h */
typedef struct hbr_status hbr_status;     /* a list of findings: status.h */
typedef struct hbr_topology hbr_topology; /* what should exist: topology.h */
typedef struct hbr_object hbr_object;     /* one object of a topology */
typedef struct hbr_state hbr_state;       /* a sorted set of resources: state.h */
typedef struct hbr_plan hbr_plan;         /* ordered steps: plan.h */
typedef struct hbr_run hbr_run;           /* a plan being carried out: run.h */
typedef struct hbr_watch hbr_watch;       /* drift events: check.h */
typedef struct hbr_ctx hbr_ctx;           /* the doors to this machine: ctx.h */
typedef struct hbr_text hbr_text;         /* an owned text or byte string */

HBR_BEGIN

/* The version of the library that runs: major << 16 | minor << 8 | patch. */
HBR_API uint32_t hbr_version(void);

/* What this build can do; bits of enum hbr_feature. */
enum hbr_feature {
	HBR_FEATURE_FRR = 1 << 0,  /* the FRR router engine */
	HBR_FEATURE_CRPD = 1 << 1, /* the Juniper cRPD router engine */
	HBR_FEATURE_KUBE = 1 << 2, /* the Kubernetes back end */
};
HBR_API uint32_t hbr_features(void);

/* The name of a code, "HBR_EINVAL", or "HBR_OK", or "HBR_E?" for a number that is none. Static. */
HBR_API const char *hbr_code_name(int32_t code);

/* The one-line meaning of a code. Static. */
HBR_API const char *hbr_code_text(int32_t code);

/* The bytes of a text; always followed by a NUL that hbr_text_size() does not count. Borrowed. */
HBR_API const char *hbr_text_data(const hbr_text *text);
HBR_API size_t hbr_text_size(const hbr_text *text);

/* Wipes and frees a text. NULL is fine. */
HBR_API void hbr_text_free(hbr_text *text);

HBR_END
#endif
