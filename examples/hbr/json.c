/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON writer. */
#include "json.h"

static void put_text(FILE *file, const char *text)
{
	static const char shorts[] = "btn\0fr"; /* \b (8) to \r (13); \v has no short form */

	fputc('"', file);
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p == '"' || *p == '\\')
			fprintf(file, "\\%c", *p);
		else if (*p >= 8 && *p <= 13 && shorts[*p - 8])
			fprintf(file, "\\%c", shorts[*p - 8]);
		else if (*p < 0x20)
			fprintf(file, "\\u%04x", *p);
		else
			fputc(*p, file);
	}
	fputc('"', file);
}

/* What comes before every member: comma, new line, indentation, key. */
static void put_key(struct json *json, const char *key)
{
	if (json->depth && json->flat)
		fputs(json->filled ? ", " : "", json->file);
	else if (json->depth)
		fprintf(json->file, "%s\n%*s", json->filled ? "," : "", (int)json->depth * 2,
		        "");
	json->filled = true;
	if (!key)
		return;
	put_text(json->file, key);
	fputs(": ", json->file);
}

void json_open(struct json *json, const char *key, char bracket)
{
	put_key(json, key);
	fputc(bracket, json->file);
	json->depth++;
	json->filled = false;
}

void json_close(struct json *json, char bracket)
{
	json->depth--;
	if (json->filled && !json->flat)
		fprintf(json->file, "\n%*s", (int)json->depth * 2, "");
	fputc(bracket, json->file);
	json->filled = true;
}

static void begin(struct json *json, const char *kind)
{
	json_open(json, NULL, '{');
	json_text(json, "apiVersion", API_VERSION);
	json_text(json, "kind", kind);
}

struct json json_document(FILE *file, const char *kind)
{
	struct json json = { .file = file };

	begin(&json, kind);
	return json;
}

struct json json_line(FILE *file, const char *kind)
{
	struct json json = { .file = file, .flat = true };

	begin(&json, kind);
	return json;
}

void json_end(struct json *json)
{
	json_close(json, '}');
	fputc('\n', json->file);
}

void json_text(struct json *json, const char *key, const char *text)
{
	if (!text)
		return;
	put_key(json, key);
	put_text(json->file, text);
}

void json_number(struct json *json, const char *key, int64_t number)
{
	put_key(json, key);
	fprintf(json->file, "%lld", (long long)number);
}

void json_flag(struct json *json, const char *key, bool value)
{
	put_key(json, key);
	fputs(value ? "true" : "false", json->file);
}

void json_texts(struct json *json, const char *key, const char *const *texts)
{
	json_open(json, key, '[');
	for (; texts && *texts; texts++)
		json_text(json, NULL, *texts);
	json_close(json, ']');
}

static const char *level_word(int32_t level)
{
	if (level == HBR_LEVEL_INFO)
		return "info";
	return level == HBR_LEVEL_WARNING ? "warning" : "error";
}

void json_finding(struct json *json, const char *key, const hbr_finding *finding)
{
	json_open(json, key, '{');
	json_text(json, "level", level_word(finding->level));
	json_text(json, "rule", finding->rule);
	json_text(json, "path", finding->path);
	json_text(json, "message", finding->message);
	json_text(json, "expected", finding->expected);
	json_text(json, "found", finding->found);
	json_text(json, "hint", finding->hint);
	json_text(json, "file", finding->file);
	if (finding->line)
		json_number(json, "line", finding->line);
	if (finding->column)
		json_number(json, "column", finding->column);
	json_text(json, "excerpt", finding->excerpt);
	json_close(json, '}');
}

void json_findings(struct json *json, const hbr_status *status)
{
	hbr_finding finding = { .size = sizeof(finding) };

	for (size_t i = 0; !hbr_status_get(status, i, &finding); i++)
		json_finding(json, NULL, &finding);
}
