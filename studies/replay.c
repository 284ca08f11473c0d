#include "studies/replay.h"

#include <stdio.h>
#include <string.h>

#include "studies/replay_kind.h"
#include "studies/trace.h"

#define COLUMN 37           /* width of one of the two columns of a report */
#define EXCERPT 62          /* bytes of a line that is too long for a column */
#define MOST_DIFFERENCES 40 /* lines of one kind in a report */

static const struct study_replay_kind *const kinds[] = {
    &study_replay_pool, &study_replay_subpart, &study_replay_credit,
    &study_replay_loop, &study_replay_debloat,
};

/* A replay on its way. */
struct replay {
    struct study_trace trace;
    const struct study_replay_kind *kind;
    void *model;
    struct study_trace_call call;
    struct study_replay_step step;
    struct study_state state;
    struct study_replay_report *report;
};

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Read a line that must be there. */
static bool next_line(struct replay *replay, struct sim_err *err)
{
    if (!study_trace_next(&replay->trace, err)) {
        return false;
    }
    if (replay->trace.is_at_end) {
        return study_trace_fail(&replay->trace, 0, err,
                                "the trace ends here; expected a last line 'end <operations>'");
    }
    return true;
}

static bool read_kind(struct replay *replay, struct sim_err *err)
{
    if (!next_line(replay, err)) {
        return false;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t length = strlen(kinds[i]->name);
        if (starts_with(replay->trace.bytes, kinds[i]->name) &&
            strcmp(replay->trace.bytes + length, " 1") == 0) {
            replay->kind = kinds[i];
            (void)snprintf(replay->report->kind, sizeof replay->report->kind, "%s", kinds[i]->name);
            return true;
        }
    }
    struct sim_text known = {0};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        sim_text_add(&known, "%s%s 1", i > 0 ? " or " : "", kinds[i]->name);
    }
    study_trace_fail(&replay->trace, 0, err,
                     "'%.60s' is no kind of trace that can be replayed; expected %s",
                     replay->trace.bytes, sim_text_get(&known));
    sim_text_finish(&known);
    return false;
}

static const struct study_replay_operation *
find_operation(const struct study_replay_operation *table, const char *call)
{
    size_t length = strcspn(call, " ");
    for (; table->name != NULL; table++) {
        if (strlen(table->name) == length && memcmp(table->name, call, length) == 0) {
            return table;
        }
    }
    return NULL;
}

/* Run one line by the table it belongs to. */
static bool run_line(struct replay *replay, const struct study_replay_operation *table,
                     const char *line, const char *what, struct sim_err *err)
{
    const struct study_replay_operation *operation = find_operation(table, line);
    if (operation == NULL) {
        return study_trace_fail(&replay->trace, 0, err, "'%.40s' is no %s of a %s", line, what,
                                replay->kind->name);
    }
    sim_text_clear(&replay->step.result);
    sim_text_clear(&replay->step.events);
    return study_trace_read_name(&replay->trace, line, &replay->call, err) &&
           study_trace_read_values(&replay->trace, operation->format, &replay->call, err) &&
           operation->run(replay->model, &replay->step, err);
}

/* Lines of state have keys of one letter; all others up to the first operation are parameters. */
static bool read_head(struct replay *replay, struct sim_err *err)
{
    for (;;) {
        if (!next_line(replay, err)) {
            return false;
        }
        const char *line = replay->trace.bytes;
        if (strcspn(line, " ") < 2 || starts_with(line, "end ")) {
            study_trace_push_back(&replay->trace);
            break;
        }
        if (starts_with(line, "profile ")) {
            (void)snprintf(replay->report->profile, sizeof replay->report->profile, "%.31s",
                           line + strlen("profile "));
        } else if (starts_with(line, "flink ")) {
            replay->step.version = starts_with(line, "flink 1.") ? NET_FLINK_1_20 : NET_FLINK_2_2;
        } else if (!starts_with(line, "name ") && !starts_with(line, "seed ") &&
                   !run_line(replay, replay->kind->parameters, line, "parameter", err)) {
            return false;
        }
    }
    struct sim_err missing = {0};
    return replay->kind->begin(replay->model, &missing) ||
           study_trace_fail(&replay->trace, 0, err, "%s", missing.text);
}

/* Collect lines for as long as they start with `prefix` (less the prefix), or for an empty prefix
 * up to the next operation. */
static bool read_block(struct replay *replay, const char *prefix, struct sim_text *block,
                       struct sim_err *err)
{
    sim_text_clear(block);
    for (;;) {
        if (!next_line(replay, err)) {
            return false;
        }
        const char *line = replay->trace.bytes;
        if (!starts_with(line, prefix) ||
            (*prefix == '\0' && (starts_with(line, "> ") || starts_with(line, "end ")))) {
            study_trace_push_back(&replay->trace);
            return true;
        }
        size_t skipped = strlen(prefix);
        if (block->length + replay->trace.length > STUDY_TRACE_BLOCK_MAX) {
            return study_trace_fail(&replay->trace, 0, err,
                                    "one operation has more than %zu bytes of lines",
                                    STUDY_TRACE_BLOCK_MAX);
        }
        sim_text_add_bytes(block, line + skipped, replay->trace.length - skipped);
        sim_text_add_bytes(block, "\n", 1);
    }
}

static void set_text(struct sim_text *text, const struct sim_text *from)
{
    sim_text_clear(text);
    sim_text_add_bytes(text, sim_text_get(from), from->length);
}

static bool sides_agree(const struct study_replay_sides *sides)
{
    return sides->expected.length == sides->got.length &&
           memcmp(sim_text_get(&sides->expected), sim_text_get(&sides->got), sides->got.length) ==
               0;
}

/* What the model says, next to what the trace says; false at the first difference. */
static bool compare(struct replay *replay)
{
    struct study_replay_report *report = replay->report;
    study_state_begin(&replay->state);
    if (replay->kind->write_state != NULL) {
        replay->kind->write_state(replay->model, &replay->state);
    }
    study_state_end(&replay->state);
    set_text(&report->result.got, &replay->step.result);
    set_text(&report->events.got, &replay->step.events);
    set_text(&report->state.got, &replay->state.changes);
    report->audit[0] = '\0';
    if (replay->kind->audit != NULL && strcmp(report->profile, "quirk") != 0) {
        struct sim_err broken = {0};
        if (!replay->kind->audit(replay->model, &broken)) {
            (void)snprintf(report->audit, sizeof report->audit, "%.255s", broken.text);
        }
    }
    report->agrees = sides_agree(&report->result) && sides_agree(&report->events) &&
                     sides_agree(&report->state) && report->audit[0] == '\0';
    return report->agrees;
}

/* The state before the first operation. */
static bool compare_start(struct replay *replay, struct sim_err *err)
{
    struct study_replay_report *report = replay->report;
    report->line = replay->trace.line;
    sim_text_clear(&replay->step.result);
    sim_text_clear(&replay->step.events);
    if (!read_block(replay, "", &report->state.expected, err)) {
        return false;
    }
    (void)compare(replay);
    return true;
}

/* A line "> <number> <operation>", of which *call becomes the operation. */
static bool read_operation(struct replay *replay, const char **call, struct sim_err *err)
{
    struct study_replay_report *report = replay->report;
    const char *at = replay->trace.bytes + strlen("> ");
    const char *word;
    size_t length = study_trace_word(&at, &word);
    int64_t number = 0;
    if (!study_trace_integer(word, length, &number) || number != (int64_t)report->operations + 1) {
        return study_trace_fail(&replay->trace, 0, err, "expected operation number %llu",
                                (unsigned long long)report->operations + 1);
    }
    report->operation = (uint64_t)number;
    report->line = replay->trace.line;
    sim_text_clear(&report->call);
    sim_text_add_bytes(&report->call, at, strlen(at));
    *call = at;
    return true;
}

/* Follow one operation; its lines of result, events and state come after it in the file. */
static bool follow_operation(struct replay *replay, struct sim_err *err)
{
    struct study_replay_report *report = replay->report;
    const char *call = NULL;
    if (!read_operation(replay, &call, err) ||
        !run_line(replay, replay->kind->operations, call, "operation", err)) {
        return false;
    }
    sim_text_add(&replay->step.result, "\n");
    if (!next_line(replay, err)) {
        return false;
    }
    if (!starts_with(replay->trace.bytes, "= ")) {
        return study_trace_fail(&replay->trace, 0, err, "expected the result, '= ...'");
    }
    sim_text_clear(&report->result.expected);
    sim_text_add(&report->result.expected, "%s\n", replay->trace.bytes + strlen("= "));
    if (!read_block(replay, "! ", &report->events.expected, err) ||
        !read_block(replay, "", &report->state.expected, err)) {
        return false;
    }
    if (compare(replay)) {
        report->operations++;
    }
    return true;
}

/* The last line, "end <operations>", and nothing after it. */
static bool read_end(struct replay *replay, struct sim_err *err)
{
    const char *at = replay->trace.bytes + strlen("end ");
    int64_t number = 0;
    if (!study_trace_integer(at, strlen(at), &number) ||
        number != (int64_t)replay->report->operations) {
        return study_trace_fail(&replay->trace, 0, err, "expected 'end %llu'",
                                (unsigned long long)replay->report->operations);
    }
    if (!study_trace_next(&replay->trace, err)) {
        return false;
    }
    return replay->trace.is_at_end ||
           study_trace_fail(&replay->trace, 0, err, "expected nothing behind the last line");
}

static bool follow(struct replay *replay, struct sim_err *err)
{
    if (!read_head(replay, err) || !compare_start(replay, err)) {
        return false;
    }
    while (replay->report->agrees) {
        if (!next_line(replay, err)) {
            return false;
        }
        if (starts_with(replay->trace.bytes, "end ")) {
            return read_end(replay, err);
        }
        if (!starts_with(replay->trace.bytes, "> ")) {
            return study_trace_fail(&replay->trace, 0, err, "expected an operation, '> ...'");
        }
        if (!follow_operation(replay, err)) {
            return false;
        }
    }
    return true;
}

bool study_replay_file(const char *path, struct study_replay_report *report, struct sim_err *err)
{
    study_replay_report_finish(report);
    (void)snprintf(report->path, sizeof report->path, "%s", path);
    struct replay replay = {.report = report};
    if (!study_trace_open(&replay.trace, path, err)) {
        return false;
    }
    replay.step.trace = &replay.trace;
    replay.step.call = &replay.call;
    replay.step.version = NET_FLINK_2_2;
    bool is_followed = read_kind(&replay, err);
    if (is_followed) {
        replay.model = replay.kind->create();
        is_followed = follow(&replay, err);
        replay.kind->destroy(replay.model);
    }
    study_state_finish(&replay.state);
    sim_text_finish(&replay.step.result);
    sim_text_finish(&replay.step.events);
    study_trace_call_finish(&replay.call);
    study_trace_close(&replay.trace);
    return is_followed;
}

void study_replay_report_finish(struct study_replay_report *report)
{
    struct sim_text *const texts[] = {
        &report->call,          &report->result.expected, &report->result.got,
        &report->events.got,    &report->events.expected, &report->state.got,
        &report->state.expected};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        sim_text_finish(texts[i]);
    }
    *report = (struct study_replay_report){0};
}

/* A line of one side, without its end; its bytes are NULL when there is none. */
struct row {
    const char *bytes;
    int length;
};

static struct row take_row(const char **at)
{
    const char *line = *at;
    if (*line == '\0') {
        return (struct row){NULL, 0};
    }
    size_t length = strcspn(line, "\n");
    *at = line + length + (line[length] == '\n');
    return (struct row){line, (int)length};
}

static bool rows_agree(struct row left, struct row right)
{
    return left.bytes != NULL && right.bytes != NULL && left.length == right.length &&
           memcmp(left.bytes, right.bytes, (size_t)left.length) == 0;
}

/* A long line from `from` on, cut where the page ends. */
static void format_excerpt(const char *side, struct row row, int from, struct sim_text *text)
{
    int length = row.length > from ? row.length - from : 0;
    bool is_cut = length > EXCERPT;
    sim_text_add(text, "    %s  %s%.*s%s\n", side, from > 0 ? "..." : "", is_cut ? EXCERPT : length,
                 row.length > from ? row.bytes + from : "", is_cut ? "..." : "");
}

/* Lines too long for columns, from a little before the first difference. */
static void format_long_rows(struct row trace, struct row model, struct sim_text *text)
{
    int same = 0;
    while (same < trace.length && same < model.length && trace.bytes[same] == model.bytes[same]) {
        same++;
    }
    int from = same > EXCERPT / 2 ? same - EXCERPT / 2 : 0;
    sim_text_add(text, "  * differs from character %d on\n", same + 1);
    format_excerpt("trace", trace, from, text);
    format_excerpt("model", model, from, text);
}

/* One line of both sides: equal ones stand in both columns, different ones are marked. */
static void format_rows(struct row trace, struct row model, struct sim_text *text)
{
    static const char nothing[] = "(nothing)";
    bool agree = rows_agree(trace, model);
    trace = trace.bytes != NULL ? trace : (struct row){nothing, sizeof nothing - 1};
    model = model.bytes != NULL ? model : (struct row){nothing, sizeof nothing - 1};
    if (trace.length <= COLUMN && model.length <= COLUMN) {
        sim_text_add(text, "  %c %-*.*s  %.*s\n", agree ? ' ' : '*', COLUMN, trace.length,
                     trace.bytes, model.length, model.bytes);
    } else if (agree) {
        format_excerpt("both ", trace, 0, text);
    } else {
        format_long_rows(trace, model, text);
    }
}

static void format_sides(const char *title, const struct study_replay_sides *sides,
                         struct sim_text *text)
{
    const char *trace_at = sim_text_get(&sides->expected);
    const char *model_at = sim_text_get(&sides->got);
    if (*trace_at == '\0' && *model_at == '\0') {
        return;
    }
    char heading[64];
    (void)snprintf(heading, sizeof heading, "%s of the trace", title);
    sim_text_add(text, "    %-*s  %s of the model\n", COLUMN, heading, title);
    for (int differences = 0; *trace_at != '\0' || *model_at != '\0';) {
        struct row trace = take_row(&trace_at);
        struct row model = take_row(&model_at);
        differences += !rows_agree(trace, model);
        if (differences > MOST_DIFFERENCES) {
            sim_text_add(text, "    and more\n");
            return;
        }
        format_rows(trace, model, text);
    }
}

void study_replay_format(const struct study_replay_report *report, struct sim_text *text)
{
    if (report->agrees) {
        sim_text_add(text, "%s: agrees in %llu operations\n", report->path,
                     (unsigned long long)report->operations);
        return;
    }
    sim_text_add(text, "%s:%u: ", report->path, report->line);
    if (report->operation == 0) {
        sim_text_add(text, "differs before the first operation\n");
    } else {
        sim_text_add(text, "differs at operation %llu: %s\n", (unsigned long long)report->operation,
                     sim_text_get(&report->call));
    }
    if (report->audit[0] != '\0') {
        sim_text_add(text, "  * the model broke %s\n", report->audit);
    }
    format_sides("result", &report->result, text);
    format_sides("events", &report->events, text);
    format_sides("state", &report->state, text);
}
