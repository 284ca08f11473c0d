#include "studies/size_table.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "models/config.h"
#include "models/memory.h"
#include "models/sizing.h"
#include "sim/compiler.h"
#include "sim/number.h"
#include "sim/time.h"

#define MAX_COLUMNS 64
#define MAX_OUTPUTS 9
#define MAX_ITEMS 64 /* gates or partitions of a task */

/* A line, cut into cells. */
struct record {
    char *bytes;
    size_t capacity;
    unsigned count;
    char *cells[MAX_COLUMNS];
};

/* What we say to a row: one text an output column, or an exception. */
struct answer {
    char texts[MAX_OUTPUTS][32];
    char error[1400];
};

struct reader;

/* A kind of table. */
struct kind {
    const char *name;
    const char *const *inputs;  /* columns that must be there; NULL ends them */
    const char *const *outputs; /* likewise; at most MAX_OUTPUTS */
    bool has_error;             /* a last column for the exception */
    bool (*answer)(const struct reader *reader, struct answer *answer, struct sim_err *err);
};

struct reader {
    const char *path;
    enum net_version version;
    FILE *file;
    const struct kind *kind;
    uint32_t line;
    struct record names;
    struct record row;
};

static bool malformed(const struct reader *reader, struct sim_err *err, const char *format, ...)
    SIM_PRINTF(3, 4);

static bool malformed(const struct reader *reader, struct sim_err *err, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return sim_err_set_at(err, SIM_ERR_INPUT, reader->path, reader->line, 1, "%s", text);
}

/* Cut a line at its commas; a cell may be in quotes, with no quotes inside. */
static bool split(const struct reader *reader, struct record *record, struct sim_err *err)
{
    char *at = record->bytes;
    at[strcspn(at, "\r\n")] = '\0';
    record->count = 0;
    for (bool is_last = false; !is_last;) {
        bool is_quoted = *at == '"';
        char *begin = is_quoted ? at + 1 : at;
        char *end = begin + strcspn(begin, is_quoted ? "\"" : ",");
        char *next = is_quoted && *end != '\0' ? end + 1 : end;
        if ((is_quoted && *end == '\0') || (*next != ',' && *next != '\0')) {
            return malformed(reader, err, "a quote is not closed");
        }
        if (record->count == MAX_COLUMNS) {
            return malformed(reader, err, "there are more columns than in any table");
        }
        is_last = *next == '\0';
        *end = '\0';
        record->cells[record->count++] = begin;
        at = next + 1;
    }
    return true;
}

/* Read the next line; *is_at_end when there is none. */
static bool read_record(struct reader *reader, struct record *record, bool *is_at_end,
                        struct sim_err *err)
{
    errno = 0;
    ssize_t length = getline(&record->bytes, &record->capacity, reader->file);
    *is_at_end = length < 0;
    if (length < 0) {
        return !ferror(reader->file) ||
               sim_err_set_errno(err, errno, "cannot read '%s'", reader->path);
    }
    reader->line++;
    if (memchr(record->bytes, '\0', (size_t)length) != NULL) {
        return malformed(reader, err, "a byte 0 stands in the text");
    }
    return split(reader, record, err);
}

static int find_column(const struct reader *reader, const char *name)
{
    for (unsigned i = 0; i < reader->names.count; i++) {
        if (strcmp(reader->names.cells[i], name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static const char *cell_of(const struct reader *reader, const char *name)
{
    return reader->row.cells[find_column(reader, name)];
}

static bool read_number(const struct reader *reader, const char *name, int64_t low, int64_t *value,
                        struct sim_err *err)
{
    return sim_number_parse_int(cell_of(reader, name), low, INT32_MAX, value, NULL) ||
           malformed(reader, err, "column '%s' holds no number that fits", name);
}

static void say(struct answer *answer, unsigned output, int64_t value)
{
    snprintf(answer->texts[output], sizeof answer->texts[output], "%lld", (long long)value);
}

static void say_error(struct answer *answer, const struct sim_err *err)
{
    snprintf(answer->error, sizeof answer->error, "%.255s: %.1023s", err->file, err->text);
}

static bool find_type(const char *text, size_t length, enum net_partition_type *type)
{
    static const char *const names[] = {"BLOCKING",          "BLOCKING_PERSISTENT",   "PIPELINED",
                                        "PIPELINED_BOUNDED", "PIPELINED_APPROXIMATE", "HYBRID_FULL",
                                        "HYBRID_SELECTIVE"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strlen(names[i]) == length && memcmp(names[i], text, length) == 0) {
            *type = (enum net_partition_type)i;
            return true;
        }
    }
    return false;
}

static bool read_type(const struct reader *reader, enum net_partition_type *type,
                      struct sim_err *err)
{
    const char *text = cell_of(reader, "type");
    return find_type(text, strlen(text), type) ||
           malformed(reader, err, "'%.40s' is no type of a partition", text);
}

static bool read_knobs(const struct reader *reader, struct net_config *config, struct sim_err *err)
{
    net_config_init(config, reader->version);
    return read_number(reader, "buffers_per_channel", 0, &config->buffers_per_channel, err) &&
           read_number(reader, "floating_per_gate", 0, &config->floating_buffers_per_gate, err);
}

static bool read_limit(const struct reader *reader, struct net_config *config, struct sim_err *err)
{
    int64_t limit = -1;
    if (!read_number(reader, "max_required_per_gate", -1, &limit, err)) {
        return false;
    }
    config->required_per_gate_max = limit == -1 ? NET_UNSET : limit;
    return true;
}

static bool read_flag(const struct reader *reader, const char *name, bool *flag,
                      struct sim_err *err)
{
    int64_t value = 0;
    if (!read_number(reader, name, 0, &value, err)) {
        return false;
    }
    *flag = value != 0;
    return true;
}

static bool read_sort(const struct reader *reader, struct net_batch_config *batch,
                      struct sim_err *err)
{
    net_batch_config_init(batch);
    return read_number(reader, "sort_min_parallelism", 0, &batch->sort_min_parallelism, err) &&
           read_number(reader, "sort_min_buffers", 0, &batch->sort_min_buffers, err);
}

static bool answer_partition(const struct reader *reader, struct answer *answer,
                             struct sim_err *err)
{
    struct net_config config;
    struct net_batch_config batch;
    struct net_partition_size size;
    enum net_partition_type type;
    int64_t subpartitions = 0;
    if (!read_type(reader, &type, err) || !read_knobs(reader, &config, err) ||
        !read_sort(reader, &batch, err) || !read_flag(reader, "tiered", &batch.is_tiered, err) ||
        !read_number(reader, "tiered_exclusive", 0, &batch.tier_guaranteed, err) ||
        !read_number(reader, "subpartitions", 1, &subpartitions, err)) {
        return false;
    }
    net_size_partition(&config, &batch, type, subpartitions, &size);
    say(answer, 0, size.required);
    say(answer, 1, size.max);
    return true;
}

static bool answer_gate(const struct reader *reader, struct answer *answer, struct sim_err *err)
{
    struct net_config config;
    struct net_batch_config batch;
    struct net_gate_size size;
    struct sim_err refusal = {0};
    enum net_partition_type type;
    int64_t channels = 0;
    net_batch_config_init(&batch);
    if (!read_type(reader, &type, err) || !read_knobs(reader, &config, err) ||
        !read_limit(reader, &config, err) || !read_flag(reader, "tiered", &batch.is_tiered, err) ||
        !read_number(reader, "channels", 0, &channels, err)) {
        return false;
    }
    if (net_size_gate(&config, &batch, type, channels, &size, &refusal)) {
        say(answer, 0, size.exclusive_per_channel);
        say(answer, 1, size.floating_min);
        say(answer, 2, size.floating_max);
        say(answer, 3, size.configured);
    } else {
        say_error(answer, &refusal);
    }
    return true;
}

/* "TYPE:channels:times TYPE:channels ..." */
static bool read_items(const struct reader *reader, const char *name, struct net_announced *items,
                       uint32_t *count, struct sim_err *err)
{
    const char *text = cell_of(reader, name);
    *count = 0;
    while (*text != '\0') {
        struct net_announced item = {.times = 1};
        size_t length = strcspn(text, ":");
        char *end = NULL;
        bool is_fine = text[length] == ':' && find_type(text, length, &item.type);
        if (is_fine) {
            item.channels = strtol(text + length + 1, &end, 10);
            item.times = *end == ':' ? strtol(end + 1, &end, 10) : 1;
            is_fine = (*end == ' ' || *end == '\0') && item.channels >= 0 && item.times >= 0 &&
                      item.channels <= INT32_MAX && item.times <= INT32_MAX;
        }
        if (!is_fine || *count == MAX_ITEMS) {
            return malformed(reader, err, "'%.80s' is no list of types and numbers", text);
        }
        items[(*count)++] = item;
        text = *end == ' ' ? end + 1 : end;
    }
    return true;
}

static bool answer_announce(const struct reader *reader, struct answer *answer, struct sim_err *err)
{
    struct net_config config;
    struct net_batch_config batch;
    struct net_announced gates[MAX_ITEMS], partitions[MAX_ITEMS];
    uint32_t gate_count, partition_count;
    struct sim_err refusal = {0};
    int64_t buffers;
    if (!read_knobs(reader, &config, err) || !read_limit(reader, &config, err) ||
        !read_sort(reader, &batch, err) || !read_items(reader, "inputs", gates, &gate_count, err) ||
        !read_items(reader, "outputs", partitions, &partition_count, err)) {
        return false;
    }
    if (net_size_announce(&config, &batch, gates, gate_count, partitions, partition_count, &buffers,
                          &refusal)) {
        say(answer, 0, buffers);
    } else {
        say_error(answer, &refusal);
    }
    return true;
}

/* A key of Flink's memory configuration, and where it is kept. */
struct memory_key {
    const char *name;
    size_t offset;
    bool is_fraction;
};

#define SIZE_AT(key, member)                                                                       \
    {                                                                                              \
        "taskmanager.memory." key, offsetof(struct net_memory_config, member), false               \
    }
#define FRACTION_AT(key, member)                                                                   \
    {                                                                                              \
        "taskmanager.memory." key, offsetof(struct net_memory_config, member), true                \
    }

static const struct memory_key memory_keys[] = {
    SIZE_AT("process.size", process_size),
    SIZE_AT("flink.size", flink_size),
    SIZE_AT("task.heap.size", task_heap_size),
    SIZE_AT("managed.size", managed_size),
    FRACTION_AT("managed.fraction", managed_fraction),
    FRACTION_AT("network.fraction", network_fraction),
    SIZE_AT("network.min", network_min),
    SIZE_AT("network.max", network_max),
    SIZE_AT("segment-size", segment_size),
    FRACTION_AT("jvm-overhead.fraction", jvm_overhead_fraction),
    SIZE_AT("jvm-overhead.min", jvm_overhead_min),
    SIZE_AT("jvm-overhead.max", jvm_overhead_max),
    SIZE_AT("jvm-metaspace.size", jvm_metaspace_size),
    SIZE_AT("framework.heap.size", framework_heap_size),
    SIZE_AT("framework.off-heap.size", framework_off_heap_size),
    SIZE_AT("task.off-heap.size", task_off_heap_size),
};

/* An empty cell is a key that is not set. */
static bool read_memory_key(const struct reader *reader, const struct memory_key *key,
                            struct net_memory_config *memory, struct sim_err *err)
{
    const char *text = cell_of(reader, key->name);
    char *place = (char *)memory + key->offset;
    if (*text == '\0') {
        return true;
    }
    if (key->is_fraction) {
        char *end;
        float fraction = strtof(text, &end);
        memcpy(place, &fraction, sizeof fraction);
        return *end == '\0' || malformed(reader, err, "'%s' holds no fraction", key->name);
    }
    int64_t size;
    if (!sim_number_parse_flink_size(text, &size, NULL)) {
        return malformed(reader, err, "'%s' holds no size", key->name);
    }
    memcpy(place, &size, sizeof size);
    return true;
}

static bool answer_memory(const struct reader *reader, struct answer *answer, struct sim_err *err)
{
    struct net_config config;
    struct net_memory memory;
    struct sim_err refusal = {0};
    net_config_init(&config, reader->version);
    config.memory.process_size = NET_UNSET;
    for (size_t i = 0; i < sizeof memory_keys / sizeof memory_keys[0]; i++) {
        if (!read_memory_key(reader, &memory_keys[i], &config.memory, err)) {
            return false;
        }
    }
    if (!net_memory_derive(&config, &memory, &refusal)) {
        say_error(answer, &refusal);
        return true;
    }
    say(answer, 0, memory.process);
    say(answer, 1, memory.flink);
    say(answer, 2, memory.task_heap);
    say(answer, 3, memory.managed);
    say(answer, 4, memory.metaspace);
    say(answer, 5, memory.overhead);
    say(answer, 6, memory.network);
    say(answer, 7, memory.segment_size);
    say(answer, 8, memory.segments);
    return true;
}

static bool answer_defaults(const struct reader *reader, struct answer *answer, struct sim_err *err)
{
    struct net_config config;
    struct net_batch_config batch;
    net_config_init(&config, reader->version);
    net_batch_config_init(&batch);
    const struct net_memory_config *memory = &config.memory;
    const struct {
        const char *name;
        int64_t value;
    } defaults[] = {
        {"network_buffer_size", memory->segment_size},
        /* as large as its segment, unless debloating begins with smaller ones */
        {"starting_buffer_size", config.has_debloating ? memory->starting_segment_size : INT32_MAX},
        {"buffers_per_channel", config.buffers_per_channel},
        {"floating_per_gate", config.floating_buffers_per_gate},
        {"max_required_per_gate",
         config.required_per_gate_max == NET_UNSET ? -1 : config.required_per_gate_max},
        {"max_buffers_per_channel", config.max_buffers_per_channel},
        {"max_overdraft_per_gate", config.max_overdraft_per_gate},
        {"sort_min_buffers", batch.sort_min_buffers},
        {"sort_min_parallelism", batch.sort_min_parallelism},
        {"request_timeout_ms", config.request_timeout / SIM_MS},
        {"debloat_enabled", config.has_debloating},
        {"debloat_target_ms", config.debloat_target / SIM_MS},
        {"debloat_starting_size", memory->starting_segment_size},
        {"debloat_max_size", memory->segment_size},
        {"debloat_min_size", memory->min_segment_size},
        {"debloat_threshold_percent", config.debloat_threshold_percent},
        {"debloat_samples", config.debloat_samples},
    };
    const char *name = cell_of(reader, "name");
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) {
        if (strcmp(defaults[i].name, name) == 0) {
            say(answer, 0, defaults[i].value);
            return true;
        }
    }
    return malformed(reader, err, "'%.60s' is no name of a default", name);
}

static const struct kind kinds[] = {
    {
        .name = "partition",
        .inputs = (const char *const[]){"type", "buffers_per_channel", "floating_per_gate",
                                        "sort_min_parallelism", "sort_min_buffers", "subpartitions",
                                        "tiered", "tiered_exclusive", NULL},
        .outputs = (const char *const[]){"min", "max", NULL},
        .answer = answer_partition,
    },
    {
        .name = "gate",
        .inputs = (const char *const[]){"type", "max_required_per_gate", "buffers_per_channel",
                                        "floating_per_gate", "channels", "tiered", NULL},
        .outputs = (const char *const[]){"exclusive_per_channel", "floating_min", "floating_max",
                                         "target_total", NULL},
        .has_error = true,
        .answer = answer_gate,
    },
    {
        .name = "announce",
        .inputs = (const char *const[]){"buffers_per_channel", "floating_per_gate",
                                        "max_required_per_gate", "sort_min_parallelism",
                                        "sort_min_buffers", "inputs", "outputs", NULL},
        .outputs = (const char *const[]){"buffers", NULL},
        .has_error = true,
        .answer = answer_announce,
    },
    {
        .name = "memory",
        .inputs = (const char *const[]){NULL}, /* memory_keys */
        .outputs = (const char *const[]){"total_process", "total_flink", "task_heap", "managed",
                                         "metaspace", "overhead", "network", "segment_size",
                                         "segments", NULL},
        .has_error = true,
        .answer = answer_memory,
    },
    {
        .name = "defaults",
        .inputs = (const char *const[]){"name", NULL},
        .outputs = (const char *const[]){"value", NULL},
        .answer = answer_defaults,
    },
};

static bool has_columns(const struct reader *reader, const char *const *names)
{
    while (*names != NULL && find_column(reader, *names) >= 0) {
        names++;
    }
    return *names == NULL;
}

static bool find_kind(struct reader *reader, struct sim_err *err)
{
    bool has_memory = true;
    for (size_t i = 0; i < sizeof memory_keys / sizeof memory_keys[0]; i++) {
        has_memory = has_memory && find_column(reader, memory_keys[i].name) >= 0;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (has_columns(reader, kinds[i].inputs) && has_columns(reader, kinds[i].outputs) &&
            (!kinds[i].has_error || find_column(reader, "error") >= 0) &&
            (kinds[i].answer != answer_memory || has_memory)) {
            reader->kind = &kinds[i];
            return true;
        }
    }
    return malformed(reader, err,
                     "these are not the columns of a table of partitions, "
                     "gates, announcements, memory or defaults");
}

/* Compare one cell; false, with the difference noted, when ours is another. */
static bool compare(const struct reader *reader, const char *column, const char *got,
                    struct study_size_table *table)
{
    const char *expected = cell_of(reader, column);
    if (strcmp(expected, got) == 0) {
        return true;
    }
    table->line = reader->line;
    snprintf(table->column, sizeof table->column, "%s", column);
    snprintf(table->expected, sizeof table->expected, "%s", expected);
    snprintf(table->got, sizeof table->got, "%s", got);
    return false;
}

static bool check_row(const struct reader *reader, struct study_size_table *table,
                      struct sim_err *err)
{
    struct answer answer = {0};
    if (reader->row.count != reader->names.count) {
        return malformed(reader, err, "found %u cells, expected %u as in the first line",
                         reader->row.count, reader->names.count);
    }
    if (!reader->kind->answer(reader, &answer, err)) {
        return false;
    }
    for (unsigned i = 0; reader->kind->outputs[i] != NULL && table->agrees; i++) {
        table->agrees = compare(reader, reader->kind->outputs[i], answer.texts[i], table);
    }
    if (table->agrees && reader->kind->has_error) {
        table->agrees = compare(reader, "error", answer.error, table);
    }
    table->rows += table->agrees;
    return true;
}

static bool check_table(struct reader *reader, struct study_size_table *table, struct sim_err *err)
{
    bool is_at_end = false;
    if (!read_record(reader, &reader->names, &is_at_end, err)) {
        return false;
    }
    if (is_at_end) {
        return malformed(reader, err, "the file is empty");
    }
    if (!find_kind(reader, err)) {
        return false;
    }
    table->kind = reader->kind->name;
    table->agrees = true;
    while (table->agrees) {
        if (!read_record(reader, &reader->row, &is_at_end, err)) {
            return false;
        }
        if (is_at_end) {
            return true;
        }
        if (!check_row(reader, table, err)) {
            return false;
        }
    }
    return true;
}

bool study_size_table_check(const char *path, enum net_version version,
                            struct study_size_table *table, struct sim_err *err)
{
    struct reader reader = {.path = path, .version = version};
    struct study_size_table result = {0};
    reader.file = fopen(path, "r");
    if (reader.file == NULL) {
        return sim_err_set_errno(err, errno, "cannot open '%s'", path);
    }
    bool is_done = check_table(&reader, &result, err);
    fclose(reader.file);
    free(reader.names.bytes);
    free(reader.row.bytes);
    if (is_done) {
        *table = result;
    }
    return is_done;
}
