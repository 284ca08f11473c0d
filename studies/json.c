#include "studies/json.h"

#include <inttypes.h>
#include <math.h>

#include "sim/assert.h"
#include "sim/number.h"

void study_json_begin(struct study_json *json, FILE *out)
{
    *json = (struct study_json){.out = out};
}

static void quote(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text != 0; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte == '"' || byte == '\\') {
            fprintf(out, "\\%c", byte);
        } else if (byte == '\n') {
            fputs("\\n", out);
        } else if (byte < 0x20) {
            fprintf(out, "\\u%04x", byte);
        } else {
            fputc(byte, out);
        }
    }
    fputc('"', out);
}

static void new_line(struct study_json *json)
{
    fprintf(json->out, "\n%*s", 2 * (int)json->depth, "");
}

/* What stands before a value: comma, line end, key. */
static void begin_value(struct study_json *json, const char *key)
{
    if (json->depth > 0) {
        bool *has_members = &json->has_members[json->depth];

        if (*has_members) {
            fputs(json->is_inline ? ", " : ",", json->out);
        }
        if (!json->is_inline) {
            new_line(json);
        }
        *has_members = true;
    }
    if (key != NULL) {
        quote(json->out, key);
        fputs(": ", json->out);
    }
}

static void open_bracket(struct study_json *json, const char *key, char bracket)
{
    begin_value(json, key);
    fputc(bracket, json->out);
    json->depth++;
    sim_assert(NULL, json->depth < sizeof json->has_members / sizeof json->has_members[0]);
    json->has_members[json->depth] = false;
}

void study_json_object(struct study_json *json, const char *key)
{
    open_bracket(json, key, '{');
}

void study_json_inline(struct study_json *json, const char *key)
{
    open_bracket(json, key, '{');
    json->is_inline = true;
}

void study_json_list(struct study_json *json, const char *key)
{
    open_bracket(json, key, '[');
}

void study_json_close(struct study_json *json, char bracket)
{
    bool has_members = json->has_members[json->depth];

    sim_assert(NULL, json->depth > 0);
    json->depth--;
    if (json->is_inline) {
        json->is_inline = false;
    } else if (has_members) {
        new_line(json);
    }
    fputc(bracket, json->out);
    if (json->depth == 0) {
        fputc('\n', json->out);
    }
}

void study_json_text(struct study_json *json, const char *key, const char *value)
{
    begin_value(json, key);
    quote(json->out, value);
}

void study_json_bool(struct study_json *json, const char *key, bool value)
{
    begin_value(json, key);
    fputs(value ? "true" : "false", json->out);
}

void study_json_null(struct study_json *json, const char *key)
{
    begin_value(json, key);
    fputs("null", json->out);
}

void study_json_int(struct study_json *json, const char *key, int64_t value)
{
    begin_value(json, key);
    fprintf(json->out, "%" PRId64, value);
}

void study_json_uint(struct study_json *json, const char *key, uint64_t value)
{
    begin_value(json, key);
    fprintf(json->out, "%" PRIu64, value);
}

void study_json_number(struct study_json *json, const char *key, double value)
{
    char text[64];

    if (!isfinite(value)) {
        study_json_null(json, key);
        return;
    }
    begin_value(json, key);
    sim_number_format_double(text, sizeof text, value);
    fputs(text, json->out);
}
