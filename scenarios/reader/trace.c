#include "scenarios/reader/trace.h"

#include <string.h>

#include "scenarios/reader/file.h"
#include "sim/number.h"

/* Longest field. */
#define FIELD 64

/* Take the field at *at, without blanks about it, and what ends it; false when it is too long. */
static bool take_field(const char **at, char *field)
{
    *at += strspn(*at, " \t");
    size_t length = strcspn(*at, ",;#\r\n");
    size_t kept = length;
    while (kept > 0 && ((*at)[kept - 1] == ' ' || (*at)[kept - 1] == '\t')) {
        kept--;
    }
    if (kept >= FIELD) {
        return false;
    }
    memcpy(field, *at, kept);
    field[kept] = '\0';
    *at += length;
    *at += **at == ',' || **at == ';';
    return true;
}

static bool fail(struct scn_reading *reading, const struct scn_node *file, uint32_t line,
                 const char *text)
{
    scn_error(reading->list, file->place, "%s:%u: %s", file->text, line, text);
    return false;
}

/* One row; `start` is the first time, from which all count. */
static bool read_row(const char *at, double *seconds, double *rate, struct sim_err *err)
{
    char time_field[FIELD];
    char rate_field[FIELD];
    if (!take_field(&at, time_field) || !take_field(&at, rate_field)) {
        return sim_err_set(err, SIM_ERR_INPUT, "a field is too long");
    }
    return sim_number_parse_double(time_field, 0, 1e15, seconds, err) &&
           sim_number_parse_double(rate_field, 0, 1e12, rate, err);
}

static bool add_row(struct scn_reading *reading, const struct scn_node *file, uint32_t line,
                    double seconds, struct scn_trace *trace)
{
    sim_time time = (sim_time)(seconds * 1e9 + 0.5);
    if (seconds > 9e8) {
        return fail(reading, file, line, "the time is more than 9e8 s after the first");
    }
    if (trace->count > 0 && time <= trace->times[trace->count - 1]) {
        return fail(reading, file, line, "the time must be later than the one before");
    }
    trace->times[trace->count++] = time;
    return true;
}

static bool read_rows(struct scn_reading *reading, const struct scn_node *file, const char *at,
                      struct scn_trace *trace)
{
    bool may_be_heading = true;
    double start = 0;
    for (uint32_t line = 1; *at; line++) {
        struct sim_err err = {0};
        double seconds = 0;
        const char *row = at + strspn(at, " \t\r");
        at += strcspn(at, "\n");
        at += *at == '\n';
        if (*row == '\n' || *row == '#' || *row == '\0') {
            continue;
        }
        if (trace->count == SCN_MAX_TRACE) {
            return fail(reading, file, line, "too many rows, the limit is 15000");
        }
        if (!read_row(row, &seconds, &trace->rates[trace->count], &err)) {
            if (may_be_heading && !(*row >= '0' && *row <= '9')) {
                may_be_heading = false;
                continue;
            }
            return fail(reading, file, line, err.text);
        }
        may_be_heading = false;
        start = trace->count == 0 ? seconds : start;
        if (!add_row(reading, file, line, seconds - start, trace)) {
            return false;
        }
    }
    return true;
}

bool scn_read_trace(struct scn_reading *reading, const struct scn_node *file,
                    struct scn_trace *trace)
{
    struct sim_err err = {0};
    char *text = scn_file_read_beside(reading->arena, reading->directory, file->text, &err);
    if (!text) {
        scn_error(reading->list, file->place, "%s", err.text);
        return false;
    }
    *trace = (struct scn_trace){0};
    trace->times = sim_arena_alloc(reading->arena, SCN_MAX_TRACE, sizeof(*trace->times));
    trace->rates = sim_arena_alloc(reading->arena, SCN_MAX_TRACE, sizeof(*trace->rates));
    if (!read_rows(reading, file, text, trace)) {
        return false;
    }
    if (trace->count == 0) {
        return fail(reading, file, 1,
                    "no rows; expected a time in seconds and a rate in each line");
    }
    reading->trace_rows += trace->count;
    if (reading->trace_rows > SCN_MAX_TRACE) {
        return fail(reading, file, 1, "the traces of the scenario have more than 15000 rows");
    }
    return true;
}
