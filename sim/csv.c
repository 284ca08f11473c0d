#include "sim/csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool fail(const struct sim_csv *csv, const char *what, struct sim_err *err)
{
    return sim_err_set_at(err, SIM_ERR_INPUT, csv->path, csv->line, 1, "%s", what);
}

/* Reads one line without its newline. */
static enum sim_csv_next read_line(struct sim_csv *csv, struct sim_err *err)
{
    csv->line++;
    if (!fgets(csv->text, sizeof csv->text, csv->file)) {
        if (ferror(csv->file)) {
            sim_err_set_errno(err, errno, "cannot read %s", csv->path);
            return SIM_CSV_ERROR;
        }
        return SIM_CSV_END;
    }
    size_t length = strlen(csv->text);
    if (length > 0 && csv->text[length - 1] == '\n') {
        csv->text[--length] = '\0';
        if (length > 0 && csv->text[length - 1] == '\r') {
            csv->text[--length] = '\0';
        }
        return SIM_CSV_ROW;
    }
    fail(csv,
         feof(csv->file) ? "the last line has no end: was the file cut off?"
                         : "the line is too long, or holds a zero byte",
         err);
    return SIM_CSV_ERROR;
}

/* Takes a quoted field at *at (behind its quote) apart in place; *at ends behind it. */
static bool take_quoted(char **at, char **field)
{
    char *from = *at;
    char *to = *at;
    *field = to;
    while (*from != '\0') {
        if (*from == '"') {
            if (from[1] != '"') {
                *to = '\0';
                *at = from + 1;
                return true;
            }
            from++;
        }
        *to++ = *from++;
    }
    return false;
}

static bool split(struct sim_csv *csv, struct sim_err *err)
{
    char *at = csv->text;
    csv->field_count = 0;
    for (;;) {
        if (csv->field_count == SIM_CSV_MAX_FIELDS) {
            return fail(csv, "the row has too many fields", err);
        }
        char **field = &csv->fields[csv->field_count++];
        if (*at == '"') {
            at++;
            if (!take_quoted(&at, field) || (*at != ',' && *at != '\0')) {
                return fail(csv, "a quoted field does not end where the field ends", err);
            }
        } else {
            *field = at;
            at += strcspn(at, ",");
        }
        if (*at == '\0') {
            return true;
        }
        *at++ = '\0';
    }
}

static size_t count_fields(const char *header)
{
    size_t count = 1;
    for (const char *at = header; *at != '\0'; at++) {
        count += *at == ',';
    }
    return count;
}

bool sim_csv_begin(struct sim_csv *csv, FILE *file, const char *path, const char *header,
                   struct sim_err *err)
{
    csv->file = file;
    csv->line = 0;
    csv->field_count = count_fields(header);
    if (strlen(path) >= sizeof csv->path) {
        sim_err_set(err, SIM_ERR_LIMIT, "the path of a file is too long: %s", path);
        fclose(file);
        return false;
    }
    strcpy(csv->path, path);
    enum sim_csv_next next = read_line(csv, err);
    if (next == SIM_CSV_ROW && strcmp(csv->text, header) == 0) {
        return true;
    }
    if (next != SIM_CSV_ERROR) {
        sim_err_set_at(err, SIM_ERR_INPUT, path, 1, 1, "expected the header '%s', found %s%.200s%s",
                       header, next == SIM_CSV_ROW ? "'" : "",
                       next == SIM_CSV_ROW ? csv->text : "an empty file",
                       next == SIM_CSV_ROW ? "'" : "");
    }
    fclose(csv->file);
    return false;
}

void sim_csv_close(struct sim_csv *csv)
{
    fclose(csv->file);
    csv->file = NULL;
}

enum sim_csv_next sim_csv_next(struct sim_csv *csv, struct sim_err *err)
{
    size_t expected = csv->field_count;
    enum sim_csv_next next = read_line(csv, err);
    if (next != SIM_CSV_ROW) {
        return next;
    }
    if (!split(csv, err)) {
        return SIM_CSV_ERROR;
    }
    if (csv->field_count != expected) {
        sim_err_set_at(err, SIM_ERR_INPUT, csv->path, csv->line, 1,
                       "the row has %zu fields, the header %zu", csv->field_count, expected);
        return SIM_CSV_ERROR;
    }
    return SIM_CSV_ROW;
}

/* Where a field begins in its line, from 1. */
static uint32_t column(const struct sim_csv *csv, size_t field)
{
    return (uint32_t)(csv->fields[field] - csv->text) + 1;
}

bool sim_csv_number(const struct sim_csv *csv, size_t field, double low, double high, double *value,
                    struct sim_err *err)
{
    const char *text = csv->fields[field];
    char *end;
    double number = strtod(text, &end);
    /* strtod() skips blanks and reads "nan" and "0x1p3": none of them is a number here. */
    if (end == text || *end != '\0' || strspn(text, "+-.0123456789eE") != strlen(text)) {
        return sim_err_set_at(err, SIM_ERR_INPUT, csv->path, csv->line, column(csv, field),
                              "expected a number in field %zu, found '%.100s'", field + 1, text);
    }
    if (!(number >= low && number <= high)) {
        return sim_err_set_at(err, SIM_ERR_INPUT, csv->path, csv->line, column(csv, field),
                              "expected %g to %g in field %zu, found '%.100s'", low, high,
                              field + 1, text);
    }
    *value = number;
    return true;
}

bool sim_csv_index(const struct sim_csv *csv, size_t field, uint32_t high, uint32_t *value,
                   struct sim_err *err)
{
    const char *text = csv->fields[field];
    uint64_t number = 0;
    size_t digits = 0;
    while (text[digits] >= '0' && text[digits] <= '9' && number <= high) {
        number = number * 10 + (uint64_t)(text[digits] - '0');
        digits++;
    }
    if (digits == 0 || text[digits] != '\0' || number > high) {
        return sim_err_set_at(err, SIM_ERR_INPUT, csv->path, csv->line, column(csv, field),
                              "expected a whole number up to %u in field %zu, found '%.100s'",
                              (unsigned)high, field + 1, text);
    }
    *value = (uint32_t)number;
    return true;
}
