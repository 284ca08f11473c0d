/*
 * A specification as a scenario with everything written out. Plain values come from the schema
 * table, as they do when reading; a value that reads back as something else would be a mistake in
 * one of the two, and a test reads every scenario twice.
 */
#include "scenarios/reader/scenario.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/reader/schema.h"
#include "sim/number.h"

/* Blanks of a level. */
#define STEP 2

static void indent(struct sim_text *text, int level)
{
    sim_text_add(text, "%*s", level * STEP, "");
}

static void add_quoted(struct sim_text *text, const char *string)
{
    sim_text_add(text, "\"");
    for (const char *at = string; *at; at++) {
        if (*at == '"' || *at == '\\') {
            sim_text_add(text, "\\%c", *at);
        } else if (*at == '\n') {
            sim_text_add(text, "\\n");
        } else if (*at == '\r') {
            sim_text_add(text, "\\r");
        } else if (*at == '\t') {
            sim_text_add(text, "\\t");
        } else {
            sim_text_add_bytes(text, at, 1);
        }
    }
    sim_text_add(text, "\"");
}

/* Names stay bare where no YAML reader could take them for something else. */
static void add_string(struct sim_text *text, const char *string)
{
    static const char *const reserved[] = {"true", "false", "null", "yes", "no",  "on", "off",
                                           "y",    "n",     "t",    "f",   "nan", "inf"};
    bool is_bare = isalpha((unsigned char)string[0]) &&
                   string[strspn(string, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                         "0123456789_-")] == '\0';
    for (size_t i = 0; is_bare && i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        is_bare = strcmp(string, reserved[i]) != 0;
    }
    if (is_bare) {
        sim_text_add(text, "%s", string);
    } else {
        add_quoted(text, string);
    }
}

static void add_double(struct sim_text *text, double value)
{
    char buffer[64];
    sim_number_format_double(buffer, sizeof(buffer), value);
    sim_text_add(text, "%s", buffer);
}

/* The shortest decimal that reads back as the same 32-bit number: 0.4, not 0.4000000059604645. */
static void add_float(struct sim_text *text, float value)
{
    for (int digits = 1; digits < 9; digits++) {
        char buffer[32];
        snprintf(buffer, sizeof(buffer), "%.*g", digits, (double)value);
        if ((float)strtod(buffer, NULL) == value) {
            add_double(text, strtod(buffer, NULL));
            return;
        }
    }
    add_double(text, (double)value);
}

/* Exact: 1.2ms, 90s, 1000000001ns. */
static void add_duration(struct sim_text *text, int64_t value)
{
    static const struct {
        int64_t factor;
        const char *name;
    } units[] = {{SIM_S, "s"}, {SIM_MS, "ms"}, {SIM_US, "us"}, {SIM_NS, "ns"}};
    size_t unit = 0;
    while (unit < 3 && (value < units[unit].factor || value % (units[unit].factor / 1000) != 0)) {
        unit++;
    }
    if (value == 0) {
        unit = 0;
    }
    int64_t rest = value % units[unit].factor;
    sim_text_add(text, "%lld", (long long)(value / units[unit].factor));
    if (rest > 0) {
        /* At most three digits behind the point, by the choice of the unit. */
        int thousandths = (int)(rest / (units[unit].factor / 1000));
        char digits[16];
        snprintf(digits, sizeof(digits), "%03d", thousandths);
        for (size_t end = 3; end > 1 && digits[end - 1] == '0'; end--) {
            digits[end - 1] = '\0';
        }
        sim_text_add(text, ".%s", digits);
    }
    sim_text_add(text, "%s", units[unit].name);
}

static void add_flink_duration(struct sim_text *text, int64_t value)
{
    if (value % SIM_S == 0) {
        sim_text_add(text, "%lld s", (long long)(value / SIM_S));
    } else if (value % SIM_MS == 0) {
        sim_text_add(text, "%lld ms", (long long)(value / SIM_MS));
    } else {
        sim_text_add(text, "%lld ns", (long long)value);
    }
}

static void add_flink_size(struct sim_text *text, int64_t value)
{
    static const char *const units[] = {"b", "kb", "mb", "gb"};
    size_t unit = 0;
    while (unit < 3 && value != 0 && value % 1024 == 0) {
        value /= 1024;
        unit++;
    }
    sim_text_add(text, "%lld%s", (long long)value, units[unit]);
}

static void add_rate(struct sim_text *text, double rate)
{
    if (isinf(rate)) {
        sim_text_add(text, "unlimited");
        return;
    }
    add_double(text, rate);
    sim_text_add(text, "/s");
}

static void add_bandwidth(struct sim_text *text, double bytes_per_second)
{
    double gigabits = bytes_per_second * 8 / 1e9;
    if (gigabits == floor(gigabits) && gigabits * 1e9 / 8 == bytes_per_second) {
        add_double(text, gigabits);
        sim_text_add(text, "Gbit/s");
        return;
    }
    add_double(text, bytes_per_second);
    sim_text_add(text, "B/s");
}

static void add_quantity(struct sim_text *text, bool is_size, int64_t value)
{
    if (is_size) {
        sim_text_add(text, "%lldB", (long long)value);
    } else {
        add_duration(text, value);
    }
}

/* A stored value, widened. */
struct stored {
    int64_t integer;
    double number;
    const char *string;
};

static struct stored load(const struct scn_key *key, const void *source)
{
    const char *at = (const char *)source + key->offset;
    struct stored stored = {0, 0, ""};
    uint32_t word = 0;
    float single = 0;
    bool flag = false;
    switch (key->store) {
    case SCN_STORE_I64:
    case SCN_STORE_U64:
        memcpy(&stored.integer, at, sizeof(stored.integer));
        break;
    case SCN_STORE_U32:
        memcpy(&word, at, sizeof(word));
        stored.integer = word;
        break;
    case SCN_STORE_DOUBLE:
        memcpy(&stored.number, at, sizeof(stored.number));
        break;
    case SCN_STORE_FLOAT:
        memcpy(&single, at, sizeof(single));
        stored.number = single;
        break;
    case SCN_STORE_BOOL:
        memcpy(&flag, at, sizeof(flag));
        stored.integer = flag;
        break;
    case SCN_STORE_STRING:
        memcpy(&stored.string, at, sizeof(stored.string));
        break;
    case SCN_STORE_NOWHERE:
        break;
    }
    return stored;
}

static void add_choice(struct sim_text *text, const struct scn_key *key, int64_t index)
{
    char word[32] = "";
    scn_choice_get(key->choices, (uint32_t)index, word, sizeof(word));
    /* A version is text; quotes keep it so for every reader of YAML. */
    const char *quote = isdigit((unsigned char)word[0]) ? "\"" : "";
    sim_text_add(text, "%s%s%s", quote, word, quote);
}

static void add_value(struct sim_text *text, const struct scn_key *key, const struct stored *stored,
                      bool is_size)
{
    switch (key->type) {
    case SCN_NUMBER:
        if (key->store == SCN_STORE_FLOAT) {
            add_float(text, (float)stored->number);
        } else {
            add_double(text, stored->number);
        }
        break;
    case SCN_BOOL:
        sim_text_add(text, "%s", stored->integer ? "true" : "false");
        break;
    case SCN_STRING:
        add_string(text, stored->string ? stored->string : "");
        break;
    case SCN_CHOICE:
        add_choice(text, key, stored->integer);
        break;
    case SCN_DURATION:
        add_duration(text, stored->integer);
        break;
    case SCN_SIZE:
        add_quantity(text, true, stored->integer);
        break;
    case SCN_QUANTITY:
        add_quantity(text, is_size, (int64_t)stored->number);
        break;
    case SCN_RATE:
        add_rate(text, stored->number);
        break;
    case SCN_BANDWIDTH:
        add_bandwidth(text, stored->number);
        break;
    case SCN_FLINK_SIZE:
        add_flink_size(text, stored->integer);
        break;
    case SCN_FLINK_DURATION:
        add_flink_duration(text, stored->integer);
        break;
    default:
        sim_text_add(text, "%lld", (long long)stored->integer);
        break;
    }
}

/* What must not be written: keys that are not set, and those whose being set means something. */
static bool is_left_out(const struct scn_key *key, const struct stored *stored, const void *source)
{
    if (key->group == SCN_FLINK) {
        const struct net_config *config = &((const struct net_spec *)source)->config;
        const struct net_memory_config *memory = &config->memory;
        return (stored->integer == NET_UNSET && key->store == SCN_STORE_I64) ||
               key->support[config->version] == SCN_NO_EFFECT ||
               (strcmp(key->name, "taskmanager.memory.network.fraction") == 0 &&
                !memory->network_fraction_is_set) ||
               (strcmp(key->name, "taskmanager.memory.network.min") == 0 &&
                !memory->network_min_is_set) ||
               (strcmp(key->name, "taskmanager.memory.network.max") == 0 &&
                !memory->network_max_is_set) ||
               (strcmp(key->name, "execution.buffer-timeout.interval") == 0 &&
                config->buffer_timeout < 0);
    }
    bool is_place = key->group == SCN_VERTEX || key->group == SCN_PAUSE;
    bool is_window = key->group == SCN_SLOW || key->group == SCN_PAUSE;
    return (is_place && key->store == SCN_STORE_U32 && stored->integer == NET_ANYWHERE) ||
           (is_window && strcmp(key->name, "every") == 0 && stored->integer == 0) ||
           (key->group == SCN_NIC && stored->number <= 0);
}

/* All plain values of a group, one a line. */
static void add_fields(struct sim_text *text, int level, enum scn_group group, const void *source,
                       bool is_size)
{
    for (size_t i = 0; i < scn_schema_count(); i++) {
        const struct scn_key *key = scn_schema_key(i);
        if (key->group != group || key->store == SCN_STORE_NOWHERE ||
            key->type == SCN_PARTITIONER) {
            continue;
        }
        struct stored stored = load(key, source);
        if (!is_left_out(key, &stored, source)) {
            indent(text, level);
            sim_text_add(text, "%s: ", key->name);
            add_value(text, key, &stored, is_size);
            sim_text_add(text, "\n");
        }
    }
}

/* Fields of a list's entry: the first line has the dash. */
static void add_entry(struct sim_text *text, int level, enum scn_group group, const void *source)
{
    size_t start = text->length;
    add_fields(text, level + 1, group, source, false);
    text->bytes[start + (size_t)(level * STEP)] = '-';
}

static void add_quantities(struct sim_text *text, bool is_size, const int64_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sim_text_add(text, i == 0 ? "[" : ", ");
        add_quantity(text, is_size, values[i]);
    }
    sim_text_add(text, "]\n");
}

static void add_numbers(struct sim_text *text, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sim_text_add(text, i == 0 ? "[" : ", ");
        add_double(text, values[i]);
    }
    sim_text_add(text, "]\n");
}

/* A distribution with parameters by name. */
static void add_parameters(struct sim_text *text, int level, const struct sim_dist *dist,
                           bool is_size)
{
    static const struct {
        enum sim_dist_kind kind;
        const char *name;
        enum scn_group group;
    } forms[] = {
        {SIM_DIST_GAMMA, "gamma", SCN_MEAN_CV},
        {SIM_DIST_LOGNORMAL, "lognormal", SCN_MEAN_CV},
        {SIM_DIST_WEIBULL, "weibull", SCN_SCALE_SHAPE},
        {SIM_DIST_PARETO, "pareto", SCN_MIN_TAIL},
    };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (forms[i].kind == dist->kind) {
            sim_text_add(text, "%s:\n", forms[i].name);
            add_fields(text, level + 1, forms[i].group, dist, is_size);
        }
    }
}

static void add_distribution(struct sim_text *text, int level, const struct sim_dist *dist,
                             bool is_size)
{
    indent(text, level);
    switch (dist->kind) {
    case SIM_DIST_CONSTANT:
    case SIM_DIST_EXPONENTIAL:
        sim_text_add(text, "%s: ", dist->kind == SIM_DIST_CONSTANT ? "constant" : "exponential");
        add_quantity(text, is_size, (int64_t)dist->a);
        sim_text_add(text, "\n");
        break;
    case SIM_DIST_UNIFORM:
        sim_text_add(text, "uniform: ");
        add_quantities(text, is_size, (int64_t[]){(int64_t)dist->a, (int64_t)dist->b}, 2);
        break;
    case SIM_DIST_DISCRETE:
        sim_text_add(text, "discrete:\n");
        indent(text, level + 1);
        sim_text_add(text, "values: ");
        add_quantities(text, is_size, dist->values, dist->count);
        indent(text, level + 1);
        sim_text_add(text, "weights: ");
        add_numbers(text, dist->weights, dist->count);
        break;
    case SIM_DIST_EMPIRICAL:
        sim_text_add(text, "empirical:\n");
        indent(text, level + 1);
        sim_text_add(text, "values: ");
        add_quantities(text, is_size, dist->values, dist->count);
        break;
    default:
        add_parameters(text, level, dist, is_size);
        break;
    }
}

static void add_record_size(struct sim_text *text, int level, const struct sim_dist *dist)
{
    indent(text, level);
    sim_text_add(text, "record-size:");
    if (dist->kind == SIM_DIST_CONSTANT) {
        sim_text_add(text, " %lldB\n", (long long)dist->a);
    } else {
        sim_text_add(text, "\n");
        add_distribution(text, level + 1, dist, true);
    }
}

static void add_source(struct sim_text *text, int level, const struct net_vertex_spec *vertex)
{
    const struct net_source_spec *source = &vertex->source;
    indent(text, level++);
    sim_text_add(text, "source:\n");
    indent(text, level);
    if (source->phase_count == 1 && source->phases[0].length == SIM_TIME_MAX) {
        sim_text_add(text, "rate: ");
        add_rate(text, source->phases[0].per_second);
        sim_text_add(text, "\n");
    } else {
        sim_text_add(text, "phases:\n");
        for (uint32_t i = 0; i < source->phase_count; i++) {
            indent(text, level + 1);
            sim_text_add(text, "- {for: ");
            add_duration(text, source->phases[i].length);
            sim_text_add(text, ", rate: ");
            add_rate(text, source->phases[i].per_second);
            sim_text_add(text, "}\n");
        }
    }
    add_fields(text, level, SCN_SOURCE, source, false);
    add_record_size(text, level, &vertex->record_size);
    if (source->keys.count > 0) {
        indent(text, level);
        sim_text_add(text, "keys:\n");
        add_fields(text, level + 1, SCN_KEYS, &source->keys, false);
    }
}

static void add_service(struct sim_text *text, int level, const struct net_service_spec *service,
                        uint32_t parallelism)
{
    indent(text, level);
    sim_text_add(text, "service:\n");
    add_distribution(text, level + 1, &service->time, false);
    if (service->factor) {
        indent(text, level + 1);
        sim_text_add(text, "factor: ");
        add_numbers(text, service->factor, parallelism);
    }
    if (service->phases) {
        indent(text, level + 1);
        sim_text_add(text, "phases:\n");
        for (uint32_t i = 0; i < service->phase_count; i++) {
            indent(text, level + 2);
            sim_text_add(text, "- {for: ");
            add_duration(text, service->phases[i].length);
            sim_text_add(text, ", factor: ");
            add_double(text, service->phases[i].factor);
            sim_text_add(text, "}\n");
        }
    }
    if (service->changes) {
        indent(text, level + 1);
        sim_text_add(text, "changes:\n");
        for (uint32_t i = 0; i < service->change_count; i++) {
            add_entry(text, level + 2, SCN_FACTOR_CHANGE, &service->changes[i]);
        }
    }
    add_fields(text, level + 1, SCN_SERVICE, service, false);
}

static void add_process(struct sim_text *text, int level, const struct net_vertex_spec *vertex)
{
    indent(text, level++);
    sim_text_add(text, "process:\n");
    add_fields(text, level, SCN_PROCESS, vertex, false);
    if (vertex->is_connect) {
        indent(text, level);
        sim_text_add(text, "by-input:\n");
        for (uint32_t i = 0; i < vertex->service_count; i++) {
            indent(text, level + 1);
            sim_text_add(text, "- selectivity: ");
            add_double(text, vertex->services[i].selectivity);
            sim_text_add(text, "\n");
            add_service(text, level + 2, &vertex->services[i], vertex->parallelism);
        }
    } else {
        indent(text, level);
        sim_text_add(text, "selectivity: ");
        add_double(text, vertex->services[0].selectivity);
        sim_text_add(text, "\n");
        add_service(text, level, &vertex->services[0], vertex->parallelism);
    }
    add_record_size(text, level, &vertex->record_size);
    if (vertex->emit.every > 0) {
        indent(text, level);
        sim_text_add(text, "emit:\n");
        add_fields(text, level + 1, SCN_EMIT, &vertex->emit, false);
    }
}

static void add_edge(struct sim_text *text, int level, const struct net_spec *spec,
                     const struct net_edge_spec *edge)
{
    indent(text, level);
    sim_text_add(text, "- from: ");
    add_string(text, spec->vertices[edge->from].name);
    sim_text_add(text, "\n");
    indent(text, level + 1);
    sim_text_add(text, "to: ");
    add_string(text, spec->vertices[edge->to].name);
    sim_text_add(text, "\n");
    indent(text, level + 1);
    sim_text_add(text, "partition: ");
    if (edge->partition == NET_PARTITION_WEIGHTS) {
        sim_text_add(text, "\n");
        indent(text, level + 2);
        sim_text_add(text, "weights: ");
        add_numbers(text, edge->weights, edge->weight_count);
    } else {
        add_choice(text, scn_schema_find(SCN_EDGE, "partition"), edge->partition);
        sim_text_add(text, "\n");
    }
    add_fields(text, level + 1, SCN_EDGE, edge, false);
}

static bool has_jitter(const struct net_link_spec *link)
{
    return link->jitter.kind != SIM_DIST_CONSTANT || link->jitter.a > 0;
}

/* Jitter and slow times of a link; no jitter is said too where there would be some by default. */
static void add_link(struct sim_text *text, int level, const struct net_link_spec *link,
                     bool is_jitter_needed)
{
    if (is_jitter_needed || has_jitter(link)) {
        indent(text, level);
        sim_text_add(text, "jitter:\n");
        add_distribution(text, level + 1, &link->jitter, false);
    }
    if (link->slow_count > 0) {
        indent(text, level);
        sim_text_add(text, "slow:\n");
    }
    for (uint32_t i = 0; i < link->slow_count; i++) {
        add_entry(text, level + 1, SCN_SLOW, &link->slow[i]);
    }
}

static void add_pauses(struct sim_text *text, const struct net_spec *spec)
{
    if (spec->cluster.pause_count > 0) {
        sim_text_add(text, "  pauses:\n");
    }
    for (uint32_t i = 0; i < spec->cluster.pause_count; i++) {
        const struct net_pause_spec *pause = &spec->cluster.pauses[i];
        add_entry(text, 2, SCN_PAUSE, pause);
        if (pause->vertex != NET_ANYWHERE) {
            sim_text_add(text, "      vertex: ");
            add_string(text, spec->vertices[pause->vertex].name);
            sim_text_add(text, "\n");
        }
    }
}

static void add_cluster(struct sim_text *text, const struct net_spec *spec)
{
    const struct net_cluster_spec *cluster = &spec->cluster;
    sim_text_add(text, "cluster:\n");
    add_fields(text, 1, SCN_CLUSTER, spec, false);
    sim_text_add(text, "  link:\n");
    add_fields(text, 2, SCN_LINK, spec, false);
    add_link(text, 2, &cluster->link, false);
    if (cluster->override_count > 0) {
        sim_text_add(text, "  links:\n");
    }
    for (uint32_t i = 0; i < cluster->override_count; i++) {
        add_entry(text, 2, SCN_LINK_PAIR, &cluster->overrides[i]);
        add_link(text, 3, &cluster->overrides[i].link, has_jitter(&cluster->link));
    }
    if (cluster->nic.send > 0 || cluster->nic.receive > 0) {
        sim_text_add(text, "  nic:\n");
        add_fields(text, 2, SCN_NIC, spec, false);
    }
    add_pauses(text, spec);
}

static void add_job(struct sim_text *text, const struct net_spec *spec)
{
    sim_text_add(text, "job:\n  vertices:\n");
    for (uint32_t i = 0; i < spec->vertex_count; i++) {
        add_entry(text, 2, SCN_VERTEX, &spec->vertices[i]);
        if (spec->vertices[i].is_source) {
            add_source(text, 3, &spec->vertices[i]);
        } else {
            add_process(text, 3, &spec->vertices[i]);
        }
    }
    sim_text_add(text, "  edges:\n");
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        add_edge(text, 2, spec, &spec->edges[i]);
    }
}

static void add_threshold(struct sim_text *text, const struct net_threshold_spec *threshold)
{
    sim_text_add(text, "  - metric: ");
    add_string(text, threshold->metric);
    if (threshold->at_least) {
        sim_text_add(text, "\n    at-least: ");
        add_string(text, threshold->at_least);
    }
    if (threshold->at_most) {
        sim_text_add(text, "\n    at-most: ");
        add_string(text, threshold->at_most);
    }
    sim_text_add(text, "\n");
}

void scn_scenario_write(const struct net_spec *spec, struct sim_text *text)
{
    add_fields(text, 0, SCN_TOP, spec, false);
    add_cluster(text, spec);
    sim_text_add(text, "flink:\n");
    if (spec->config.buffer_timeout < 0) {
        sim_text_add(text, "  execution.buffer-timeout.enabled: false\n");
    }
    add_fields(text, 1, SCN_FLINK, spec, false);
    add_job(text, spec);
    sim_text_add(text, "run:\n");
    add_fields(text, 1, SCN_RUN, spec, false);
    if (spec->run.until_records > 0 || spec->run.until_drained) {
        sim_text_add(text, "  until:\n");
        add_fields(text, 2, SCN_UNTIL, spec, false);
    }
    if (spec->threshold_count > 0) {
        sim_text_add(text, "thresholds:\n");
    }
    for (uint32_t i = 0; i < spec->threshold_count; i++) {
        add_threshold(text, &spec->thresholds[i]);
    }
    sim_text_add(text, "machine:\n");
    add_fields(text, 1, SCN_MACHINE, spec, false);
}
