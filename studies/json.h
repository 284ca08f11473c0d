#ifndef STUDIES_JSON_H
#define STUDIES_JSON_H
/*
 * Writes JSON, indented, member by member. Commas, quotes and escapes are its business; that every
 * object and list is closed is the caller's.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct study_json {
    FILE *out;
    unsigned depth;
    bool has_members[16]; /* of the open objects and lists */
    bool is_inline;       /* inside a list or object written in one line */
};

void study_json_begin(struct study_json *json, FILE *out);

/* Open an object or a list; `key` is NULL in a list and at the top. An inline one takes one line,
 * with all that is in it. */
void study_json_object(struct study_json *json, const char *key);
void study_json_inline(struct study_json *json, const char *key);
void study_json_list(struct study_json *json, const char *key);
void study_json_close(struct study_json *json, char bracket);

void study_json_text(struct study_json *json, const char *key, const char *value);
void study_json_bool(struct study_json *json, const char *key, bool value);
void study_json_null(struct study_json *json, const char *key);
void study_json_int(struct study_json *json, const char *key, int64_t value);
void study_json_uint(struct study_json *json, const char *key, uint64_t value);

/* The shortest decimal that reads back as the same double; null when it is not finite. */
void study_json_number(struct study_json *json, const char *key, double value);

#endif
