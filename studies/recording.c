#include "studies/recording.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/arena.h"
#include "sim/csv.h"
#include "studies/recording_index.h"

#define MOST_SECONDS 1e9
#define MOST_SUBTASKS 1000000u
#define MOST_POOLS 1000u

/* One file while it is read. */
struct reader {
    struct sim_csv csv;
    struct study_recording *recording;
    struct sim_err *err;
    void **array; /* of the rows */
    size_t *count;
    size_t size; /* of a row */
    size_t capacity;
};

/* Takes the present row apart into `row`, which is zeroed. */
typedef bool (*row_fn)(struct reader *reader, void *row);

static bool fail(const struct reader *reader, const char *what)
{
    return sim_err_set_at(reader->err, SIM_ERR_INPUT, reader->csv.path, reader->csv.line, 0, "%s",
                          what);
}

static bool take_name(struct reader *reader, size_t field, const char **name)
{
    const char *text = reader->csv.fields[field];

    if (text[0] == '\0') {
        return fail(reader, "a name is empty");
    }
    *name = study_recording_name(reader->recording->index, text);
    return *name != NULL || fail(reader, "a name is longer than 500 bytes, or there are more than "
                                         "100000 different ones");
}

static bool take_count(struct reader *reader, size_t field, uint32_t high, uint32_t *value)
{
    return sim_csv_index(&reader->csv, field, high, value, reader->err);
}

static bool take_number(struct reader *reader, size_t field, double *value)
{
    return sim_csv_number(&reader->csv, field, -HUGE_VAL, HUGE_VAL, value, reader->err) &&
           (isfinite(*value) || fail(reader, "a number is too large"));
}

static bool take_seconds(struct reader *reader, size_t field, double *value)
{
    return sim_csv_number(&reader->csv, field, 0, MOST_SECONDS, value, reader->err);
}

/* A subtask, or the word for the whole. */
static bool take_subtask(struct reader *reader, size_t field, const char *whole, uint32_t *subtask,
                         bool *is_whole)
{
    *subtask = 0;
    *is_whole = strcmp(reader->csv.fields[field], whole) == 0;
    return *is_whole || take_count(reader, field, MOST_SUBTASKS, subtask);
}

static bool take_four(struct reader *reader, size_t field, double *mean, double *sd, double *min,
                      double *max)
{
    return take_number(reader, field, mean) && take_number(reader, field + 1, sd) &&
           take_number(reader, field + 2, min) && take_number(reader, field + 3, max);
}

static bool read_summary_row(struct reader *reader, void *to)
{
    struct study_recorded_row *row = to;
    uint32_t n;

    if (!take_name(reader, 0, &row->vertex) ||
        !take_subtask(reader, 1, "all", &row->subtask, &row->is_all) ||
        !take_name(reader, 2, &row->metric) || !take_count(reader, 3, UINT32_MAX, &n) ||
        !take_four(reader, 4, &row->mean, &row->sd, &row->min, &row->max)) {
        return false;
    }
    row->n = n;
    return true;
}

static bool read_spread_row(struct reader *reader, void *to)
{
    struct study_recorded_spread *row = to;

    return take_name(reader, 0, &row->vertex) &&
           take_subtask(reader, 1, "all", &row->subtask, &row->is_all) &&
           take_name(reader, 2, &row->metric) && take_count(reader, 3, UINT32_MAX, &row->runs) &&
           take_four(reader, 4, &row->mean, &row->sd, &row->min, &row->max);
}

static bool read_checkpoint_row(struct reader *reader, void *to)
{
    struct study_recorded_checkpoint *row = to;

    return take_count(reader, 0, UINT32_MAX, &row->id) && take_seconds(reader, 1, &row->seconds) &&
           take_name(reader, 2, &row->vertex) &&
           take_subtask(reader, 3, "-1", &row->subtask, &row->is_job) &&
           take_name(reader, 4, &row->metric) && take_number(reader, 5, &row->value);
}

static bool read_channel_row(struct reader *reader, void *to)
{
    struct study_recorded_channel *row = to;
    const char *side = reader->csv.fields[3];

    if (strcmp(side, "in") != 0 && strcmp(side, "out") != 0) {
        return fail(reader, "the side of a channel is neither 'in' nor 'out'");
    }
    row->is_input = strcmp(side, "in") == 0;
    return take_seconds(reader, 0, &row->seconds) && take_name(reader, 1, &row->vertex) &&
           take_count(reader, 2, MOST_SUBTASKS, &row->subtask) &&
           take_count(reader, 4, MOST_SUBTASKS, &row->edge) &&
           take_count(reader, 5, MOST_SUBTASKS, &row->channel) &&
           take_count(reader, 6, UINT32_MAX, &row->queued);
}

/* Digits up to the character `end`; moves *at behind it. */
static bool take_digits(const char **at, char end, uint32_t *value)
{
    uint64_t number = 0;
    const char *from = *at;

    while (**at >= '0' && **at <= '9' && number <= UINT32_MAX) {
        number = 10 * number + (uint64_t)(*(*at)++ - '0');
    }
    if (*at == from || **at != end || number > UINT32_MAX) {
        return false;
    }
    *at += end != '\0';
    *value = (uint32_t)number;
    return true;
}

/* Pools with blanks between them: "required/current/max required/current/max". */
static bool take_pools(struct reader *reader, size_t field, struct study_recorded_pool **pools,
                       uint32_t *count)
{
    const char *at = reader->csv.fields[field];

    while (*at != '\0') {
        struct study_recorded_pool pool;
        const char *next = strchr(at, ' ');

        if (*count == MOST_POOLS || !take_digits(&at, '/', &pool.required) ||
            !take_digits(&at, '/', &pool.current) ||
            !take_digits(&at, next != NULL ? ' ' : '\0', &pool.max)) {
            return fail(reader, "expected pools as 'required/current/max', with blanks between "
                                "them, at most 1000");
        }
        *pools = sim_realloc(*pools, *count + 1, sizeof **pools);
        (*pools)[(*count)++] = pool;
    }
    return true;
}

static bool read_placement_row(struct reader *reader, void *to)
{
    struct study_recorded_task *row = to;

    return take_name(reader, 0, &row->vertex) &&
           take_count(reader, 1, MOST_SUBTASKS, &row->subtask) &&
           take_count(reader, 2, MOST_SUBTASKS, &row->taskmanager) &&
           take_count(reader, 3, UINT32_MAX, &row->remote_inputs) &&
           take_count(reader, 4, UINT32_MAX, &row->local_inputs) &&
           take_pools(reader, 5, &row->outputs, &row->output_count) &&
           take_pools(reader, 6, &row->inputs, &row->input_count);
}

/* series.csv has no rows of its own: a sample goes to its series. */
static bool read_sample(struct reader *reader, void *to)
{
    struct study_recording *recording = reader->recording;
    struct study_recorded_series *series;
    const char *vertex = NULL;
    const char *metric = NULL;
    uint32_t subtask = 0;
    uint32_t at;
    double seconds;
    double value;

    (void)to;
    if (!take_seconds(reader, 0, &seconds) || !take_name(reader, 1, &vertex) ||
        !take_count(reader, 2, MOST_SUBTASKS, &subtask) || !take_name(reader, 3, &metric) ||
        !take_number(reader, 4, &value)) {
        return false;
    }
    at = study_recording_find(recording, vertex, subtask, metric);
    if (at == UINT32_MAX) {
        at = study_recording_add(recording, vertex, subtask, metric);
    }
    series = &recording->series[at];
    if (series->count > 0 && seconds <= series->seconds[series->count - 1]) {
        return fail(reader, "a sample is not later than the one before it of the same metric");
    }
    study_recording_sample(series, seconds, value);
    return true;
}

/* Room for one more row, zeroed; NULL when there are too many. */
static void *next_row(struct reader *reader)
{
    void *row;

    if (*reader->count == STUDY_RECORDING_MAX_ROWS) {
        return NULL;
    }
    if (*reader->count == reader->capacity) {
        reader->capacity = reader->capacity == 0 ? 64 : 2 * reader->capacity;
        *reader->array = sim_realloc(*reader->array, reader->capacity, reader->size);
    }
    row = (char *)*reader->array + *reader->count * reader->size;
    memset(row, 0, reader->size);
    (*reader->count)++;
    return row;
}

static bool read_rows(struct reader *reader, row_fn read_row)
{
    for (;;) {
        enum sim_csv_next next = sim_csv_next(&reader->csv, reader->err);
        void *row;

        if (next != SIM_CSV_ROW) {
            return next == SIM_CSV_END;
        }
        row = next_row(reader);
        if (row == NULL) {
            return fail(reader, "there are more than 20000000 rows");
        }
        if (!read_row(reader, row)) {
            return false;
        }
    }
}

/* A file of the folder. */
struct table {
    const char *name;
    const char *header;
    row_fn read_row;
    bool may_be_absent;
};

static bool join_path(char *path, size_t size, const char *directory, const char *name,
                      struct sim_err *err)
{
    int length = snprintf(path, size, "%s/%s", directory, name);

    return (length > 0 && (size_t)length < size) ||
           sim_err_set(err, SIM_ERR_LIMIT, "the path of a recording is too long: %s", directory);
}

static bool is_absent(const char *path)
{
    FILE *file = fopen(path, "rb");
    bool absent = file == NULL && errno == ENOENT;

    if (file != NULL) {
        (void)fclose(file);
    }
    return absent;
}

static bool read_table(struct reader *reader, const char *directory, const struct table *table)
{
    char path[1024];
    FILE *file;
    bool is_good;

    if (!join_path(path, sizeof path, directory, table->name, reader->err)) {
        return false;
    }
    if (table->may_be_absent && is_absent(path)) {
        return true;
    }
    file = fopen(path, "r");
    if (file == NULL) {
        return sim_err_set_errno(reader->err, errno, "cannot open %s", path);
    }
    if (!sim_csv_begin(&reader->csv, file, path, table->header, reader->err)) {
        return false;
    }
    is_good = read_rows(reader, table->read_row);
    sim_csv_close(&reader->csv);
    return is_good;
}

/* error.txt as a whole; NULL in recording->error when there is none. */
static bool read_error(struct study_recording *recording, const char *directory,
                       struct sim_err *err)
{
    char path[1024];
    FILE *file;
    size_t length;

    if (!join_path(path, sizeof path, directory, "error.txt", err)) {
        return false;
    }
    if (is_absent(path)) {
        return true;
    }
    file = fopen(path, "rb");
    if (file == NULL) {
        return sim_err_set_errno(err, errno, "cannot open %s", path);
    }
    recording->error = sim_alloc(STUDY_RECORDING_MAX_ERROR + 1, 1);
    length = fread(recording->error, 1, STUDY_RECORDING_MAX_ERROR, file);
    if (ferror(file)) {
        sim_err_set_errno(err, errno, "cannot read %s", path);
        (void)fclose(file);
        return false;
    }
    if (getc(file) != EOF) {
        (void)fclose(file);
        return sim_err_set_at(err, SIM_ERR_LIMIT, path, 0, 0, "the file is larger than 1 MiB");
    }
    (void)fclose(file);
    recording->error[length] = '\0';
    return true;
}

static bool read_all(struct study_recording *into, const char *directory, struct sim_err *err)
{
    bool has_failed = into->error != NULL;
    size_t sample_count = 0;
    void *scratch = NULL;
    const struct {
        struct table table;
        void **array;
        size_t *count;
        size_t size;
    } files[] = {
        {{"summary.csv", "vertex,subtask,metric,n,mean,sd,min,max", read_summary_row, true},
         (void **)&into->rows,
         &into->row_count,
         sizeof *into->rows},
        {{"series.csv", "t_s,vertex,subtask,metric,value", read_sample, has_failed},
         &scratch,
         &sample_count,
         1},
        {{"placement.csv",
          "vertex,subtask,taskmanager,remote_inputs,local_inputs,out_pools,in_pools",
          read_placement_row, true},
         (void **)&into->tasks,
         &into->task_count,
         sizeof *into->tasks},
        {{"checkpoints.csv", "id,t_s,vertex,subtask,metric,value", read_checkpoint_row, true},
         (void **)&into->checkpoints,
         &into->checkpoint_count,
         sizeof *into->checkpoints},
        {{"channels.csv", "t_s,vertex,subtask,side,edge,channel,queued", read_channel_row, true},
         (void **)&into->channels,
         &into->channel_count,
         sizeof *into->channels},
        {{"spread.csv", "vertex,subtask,metric,runs,mean,sd,min,max,rel_sd", read_spread_row, true},
         (void **)&into->spreads,
         &into->spread_count,
         sizeof *into->spreads},
    };
    bool is_good = true;

    for (size_t i = 0; is_good && i < sizeof files / sizeof files[0]; i++) {
        struct reader reader = {.recording = into,
                                .err = err,
                                .array = files[i].array,
                                .count = files[i].count,
                                .size = files[i].size};

        is_good = read_table(&reader, directory, &files[i].table);
    }
    free(scratch);
    return is_good;
}

bool study_recording_read(struct study_recording *recording, const char *directory,
                          struct sim_err *err)
{
    struct study_recording read = {.index = study_recording_index_create()};

    if (!read_error(&read, directory, err) || !read_all(&read, directory, err)) {
        study_recording_finish(&read);
        return false;
    }
    *recording = read;
    return true;
}

void study_recording_finish(struct study_recording *recording)
{
    for (size_t i = 0; i < recording->series_count; i++) {
        free(recording->series[i].seconds);
        free(recording->series[i].values);
    }
    for (size_t i = 0; i < recording->task_count; i++) {
        free(recording->tasks[i].outputs);
        free(recording->tasks[i].inputs);
    }
    free(recording->rows);
    free(recording->series);
    free(recording->tasks);
    free(recording->checkpoints);
    free(recording->channels);
    free(recording->spreads);
    free(recording->error);
    study_recording_index_destroy(recording->index);
    *recording = (struct study_recording){0};
}

const struct study_recorded_series *study_recording_series(const struct study_recording *recording,
                                                           const char *vertex, uint32_t subtask,
                                                           const char *metric)
{
    const char *own_vertex = study_recording_known(recording->index, vertex);
    const char *own_metric = study_recording_known(recording->index, metric);
    uint32_t at;

    if (own_vertex == NULL || own_metric == NULL) {
        return NULL;
    }
    at = study_recording_find(recording, own_vertex, subtask, own_metric);
    return at == UINT32_MAX ? NULL : &recording->series[at];
}

const struct study_recorded_row *study_recording_row(const struct study_recording *recording,
                                                     const char *vertex, const char *metric)
{
    for (size_t i = 0; i < recording->row_count; i++) {
        const struct study_recorded_row *row = &recording->rows[i];

        if (row->is_all && strcmp(row->metric, metric) == 0 && strcmp(row->vertex, vertex) == 0) {
            return row;
        }
    }
    return NULL;
}

const struct study_recorded_spread *study_recording_spread(const struct study_recording *recording,
                                                           const char *vertex, const char *metric)
{
    for (size_t i = 0; i < recording->spread_count; i++) {
        const struct study_recorded_spread *row = &recording->spreads[i];

        if (row->is_all && strcmp(row->metric, metric) == 0 && strcmp(row->vertex, vertex) == 0) {
            return row;
        }
    }
    return NULL;
}
