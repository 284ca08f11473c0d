#include "scenarios/reader/decode.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/reader/distribution.h"
#include "scenarios/reader/trace.h"

/* Longest name of a vertex, in bytes. */
#define MAX_NAME 100

static bool read_rate_phases(struct scn_reading *reading, const struct scn_node *node,
                             struct net_source_spec *source)
{
    if (!scn_check_list(reading, node, "phases", false)) {
        return false;
    }
    struct net_rate_phase *phases = sim_arena_alloc(reading->arena, node->count, sizeof(*phases));
    bool is_good = true;
    bool is_silent = true;
    uint32_t count = 0;
    for (const struct scn_entry *entry = node->first; entry; entry = entry->next) {
        is_good &= scn_read_fields(reading, entry->value, SCN_RATE_PHASE, &phases[count]);
        is_silent = is_silent && phases[count].per_second == 0;
        count++;
    }
    if (is_good && is_silent) {
        scn_error(reading->list, node->place, "the rate is 0 in every phase");
        return false;
    }
    source->phases = phases;
    source->phase_count = count;
    return is_good;
}

/* Rates of a CSV file as phases: each lasts until the next time. */
static bool make_phases(struct scn_reading *reading, const struct scn_node *file,
                        const struct scn_trace *trace, double factor,
                        struct net_source_spec *source)
{
    struct net_rate_phase *phases = sim_arena_alloc(reading->arena, trace->count, sizeof(*phases));
    bool is_silent = true;
    for (size_t i = 0; i < trace->count; i++) {
        phases[i].per_second = trace->rates[i] * factor;
        phases[i].length = i + 1 < trace->count ? trace->times[i + 1] - trace->times[i]
                           : i > 0              ? phases[i - 1].length
                                                : SIM_TIME_MAX;
        is_silent = is_silent && phases[i].per_second == 0;
    }
    if (is_silent) {
        scn_error(reading->list, file->place, "the rate is 0 all the time");
        return false;
    }
    source->phases = phases;
    source->phase_count = (uint32_t)trace->count;
    return true;
}

static bool read_trace(struct scn_reading *reading, const struct scn_node *node,
                       struct net_source_spec *source)
{
    double factor = 1;
    struct scn_trace trace;
    if (!scn_check_keys(reading, node, SCN_TRACE)) {
        return false;
    }
    const struct scn_node *file = scn_node_get(node, "file");
    const struct scn_node *scale = scn_node_get(node, "factor");
    if (scale) {
        struct scn_key key = *scn_schema_find(SCN_TRACE, "factor");
        key.store = SCN_STORE_DOUBLE;
        if (!scn_read_value(reading, &key, scale, &factor)) {
            return false;
        }
    }
    return scn_read_value(reading, scn_schema_find(SCN_TRACE, "file"), file, NULL) &&
           scn_read_trace(reading, file, &trace) &&
           make_phases(reading, file, &trace, factor, source);
}

/* Two of the ways to say how fast a source is. */
static void report_two_rates(struct scn_reading *reading, const struct scn_entry *first,
                             const struct scn_entry *second)
{
    const struct scn_entry *later =
        first->key->place.offset > second->key->place.offset ? first : second;
    scn_error(reading->list, later->key->place,
              "'%s' and '%s' exclude each other: a source has one of them", first->key->text,
              second->key->text);
}

static bool read_single_rate(struct scn_reading *reading, const struct scn_node *node,
                             struct net_source_spec *source)
{
    struct net_rate_phase *phase = sim_arena_alloc(reading->arena, 1, sizeof(*phase));
    phase->length = SIM_TIME_MAX;
    const struct scn_key *key = scn_schema_find(SCN_SOURCE, "rate");
    if (!scn_read_rate(reading, key, node, &phase->per_second)) {
        return false;
    }
    if (phase->per_second == 0) {
        scn_error(reading->list, node->place, "'rate' must be more than 0, found '%s'", node->text);
        return false;
    }
    source->phases = phase;
    source->phase_count = 1;
    return true;
}

static void read_source(struct scn_reading *reading, const struct scn_node *node,
                        struct net_vertex_spec *vertex)
{
    struct net_source_spec *source = &vertex->source;
    vertex->is_source = true;
    scn_read_fields(reading, node, SCN_SOURCE, source);
    const struct scn_entry *rate = scn_node_find(node, "rate");
    const struct scn_entry *phases = scn_node_find(node, "phases");
    const struct scn_entry *trace = scn_node_find(node, "trace");
    const struct scn_node *keys = scn_node_get(node, "keys");
    const struct scn_node *size = scn_node_get(node, "record-size");
    if (node->kind == SCN_MAPPING && !rate && !phases && !trace) {
        scn_error(reading->list, node->place, "a source needs 'rate', 'phases' or 'trace'");
    } else if (rate && (phases || trace)) {
        report_two_rates(reading, rate, phases ? phases : trace);
    } else if (phases && trace) {
        report_two_rates(reading, phases, trace);
    } else if (rate) {
        read_single_rate(reading, rate->value, source);
    } else if (phases) {
        read_rate_phases(reading, phases->value, source);
    } else if (trace) {
        read_trace(reading, trace->value, source);
    }
    if (keys) {
        scn_read_fields(reading, keys, SCN_KEYS, &source->keys);
    }
    if (size) {
        scn_read_record_size(reading, scn_schema_find(SCN_SOURCE, "record-size"), size,
                             &vertex->record_size);
    }
}

static void read_factor_phases(struct scn_reading *reading, const struct scn_node *node,
                               struct net_service_spec *service)
{
    if (!scn_check_list(reading, node, "phases", false)) {
        return;
    }
    struct net_factor_phase *phases = sim_arena_alloc(reading->arena, node->count, sizeof(*phases));
    for (const struct scn_entry *entry = node->first; entry; entry = entry->next) {
        scn_read_fields(reading, entry->value, SCN_FACTOR_PHASE, &phases[service->phase_count++]);
    }
    service->phases = phases;
}

static void read_changes(struct scn_reading *reading, const struct scn_node *node,
                         struct net_service_spec *service)
{
    if (!scn_check_list(reading, node, "changes", false)) {
        return;
    }
    struct net_factor_change *changes =
        sim_arena_alloc(reading->arena, node->count, sizeof(*changes));
    uint32_t count = 0;
    for (const struct scn_entry *entry = node->first; entry; entry = entry->next) {
        if (scn_read_fields(reading, entry->value, SCN_FACTOR_CHANGE, &changes[count])) {
            if (count > 0 && changes[count].at <= changes[count - 1].at) {
                scn_error(reading->list, scn_node_get(entry->value, "at")->place,
                          "'at' must be later than that of the entry before");
            }
            count++;
        }
    }
    service->changes = changes;
    service->change_count = count;
}

static void read_service(struct scn_reading *reading, const struct scn_node *node,
                         uint32_t parallelism, struct net_service_spec *service)
{
    scn_store_defaults(reading, SCN_SERVICE, service);
    if (!node) {
        return;
    }
    bool is_good = scn_read_fields(reading, node, SCN_SERVICE, service);
    if (node->kind != SCN_MAPPING) {
        return;
    }
    const struct scn_node *factor = scn_node_get(node, "factor");
    const struct scn_node *phases = scn_node_get(node, "phases");
    if (factor) {
        double *values = NULL;
        uint32_t count = 0;
        if (scn_read_numbers(reading, scn_schema_find(SCN_SERVICE, "factor"), factor, &values,
                             &count) &&
            count != parallelism) {
            scn_error(reading->list, factor->place,
                      "%u factors for %u subtasks: 'factor' needs one for each", count,
                      parallelism);
        }
        service->factor = values;
    }
    if (phases) {
        read_factor_phases(reading, phases, service);
    }
    const struct scn_node *changes = scn_node_get(node, "changes");
    if (changes) {
        read_changes(reading, changes, service);
    }
    if (is_good) {
        scn_read_distribution(reading, node, SCN_SERVICE, &service->time);
    }
}

/* Service and selectivity of one input, from `process` itself or from an entry of `by-input`. */
static void read_input(struct scn_reading *reading, const struct scn_node *node,
                       uint32_t parallelism, struct net_service_spec *service)
{
    service->selectivity = 1;
    const struct scn_node *selectivity = scn_node_get(node, "selectivity");
    if (selectivity) {
        scn_read_value(reading, scn_schema_find(SCN_INPUT, "selectivity"), selectivity, service);
    }
    read_service(reading, scn_node_get(node, "service"), parallelism, service);
}

static void read_by_input(struct scn_reading *reading, const struct scn_node *process,
                          const struct scn_entry *by_input, struct net_vertex_spec *vertex,
                          struct net_service_spec *services)
{
    const struct scn_node *node = by_input->value;
    if (!vertex->is_connect) {
        const struct scn_node *connect = scn_node_get(process, "connect");
        if (!connect || strcmp(connect->text, "false") == 0) { /* otherwise it was wrong itself */
            scn_error(reading->list, by_input->key->place, "'by-input' needs 'connect: true'");
        }
        return;
    }
    const char *const twice[] = {"service", "selectivity"};
    for (size_t i = 0; i < 2; i++) {
        const struct scn_entry *entry = scn_node_find(process, twice[i]);
        if (entry) {
            scn_error(reading->list, entry->key->place,
                      "'%s' and 'by-input' exclude each other: each input has its own", twice[i]);
        }
    }
    if (node->kind != SCN_SEQUENCE || node->count != 2) {
        scn_error(reading->list, node->place,
                  "'by-input' must be a list of two, one for each input");
        return;
    }
    struct net_service_spec *service = services;
    for (const struct scn_entry *entry = node->first; entry; entry = entry->next) {
        if (scn_check_keys(reading, entry->value, SCN_INPUT)) {
            read_input(reading, entry->value, vertex->parallelism, service);
        }
        service++;
    }
}

static void read_process(struct scn_reading *reading, const struct scn_node *node,
                         struct net_vertex_spec *vertex)
{
    scn_read_fields(reading, node, SCN_PROCESS, vertex);
    vertex->service_count = vertex->is_connect ? 2 : 1;
    struct net_service_spec *services =
        sim_arena_alloc(reading->arena, vertex->service_count, sizeof(*services));
    for (uint32_t i = 0; i < vertex->service_count; i++) {
        services[i].selectivity = 1;
        services[i].seed = 1;
    }
    vertex->services = services;
    const struct scn_entry *by_input = scn_node_find(node, "by-input");
    const struct scn_node *size = scn_node_get(node, "record-size");
    const struct scn_node *emit = scn_node_get(node, "emit");
    if (by_input) {
        read_by_input(reading, node, by_input, vertex, services);
    } else {
        /* Both inputs alike: read once for each, so that each owns its table; report once. */
        uint32_t errors = reading->list->errors;
        for (uint32_t i = 0; i < vertex->service_count && reading->list->errors == errors; i++) {
            read_input(reading, node, vertex->parallelism, &services[i]);
        }
    }
    const struct scn_key *size_key = scn_schema_find(SCN_PROCESS, "record-size");
    struct scn_node plain = {.kind = SCN_SCALAR, .text = size_key->fallback, .place = node->place};
    scn_read_record_size(reading, size_key, size ? size : &plain, &vertex->record_size);
    if (emit) {
        scn_read_fields(reading, emit, SCN_EMIT, &vertex->emit);
    }
}

/* Names go into CSV files, paths of `--set` and names of random streams. */
static void check_name(struct scn_reading *reading, const struct scn_node *node)
{
    const char *name = node->text;
    if (name[0] == '\0' || strlen(name) > MAX_NAME) {
        scn_error(reading->list, node->place, "a vertex needs a name of 1 to %d bytes", MAX_NAME);
        return;
    }
    size_t bad = strcspn(name, ",\"[]\n\t");
    if (name[bad] != '\0') {
        scn_error(reading->list, node->place,
                  "the name of a vertex must not have commas, quotes, brackets or line breaks");
        return;
    }
    if (strncmp(name, "tm", 2) == 0 && name[2] != '\0' &&
        name[2 + strspn(name + 2, "0123456789")] == '\0') {
        scn_error(reading->list, node->place,
                  "'%s' is the name of a task manager in the results; choose another", name);
    }
}

static void read_vertex(struct scn_reading *reading, const struct scn_node *node,
                        struct net_vertex_spec *vertex)
{
    vertex->taskmanager = NET_ANYWHERE;
    vertex->name = "";
    vertex->line = node->place.line;
    scn_read_fields(reading, node, SCN_VERTEX, vertex);
    if (node->kind != SCN_MAPPING) {
        return;
    }
    const struct scn_node *name = scn_node_get(node, "name");
    const struct scn_node *source = scn_node_get(node, "source");
    const struct scn_entry *process = scn_node_find(node, "process");
    if (name) {
        check_name(reading, name);
    }
    if (source && process) {
        scn_error(reading->list, process->key->place,
                  "'process' and 'source' exclude each other: a vertex is one of them");
    } else if (source) {
        read_source(reading, source, vertex);
    } else if (process) {
        read_process(reading, process->value, vertex);
    } else {
        scn_error(reading->list, node->place, "a vertex needs 'source' or 'process'");
    }
}

static void read_partition(struct scn_reading *reading, const struct scn_node *node,
                           struct net_edge_spec *edge)
{
    if (node->kind != SCN_MAPPING) {
        scn_read_value(reading, scn_schema_find(SCN_EDGE, "partition"), node, edge);
        return;
    }
    edge->partition = NET_PARTITION_WEIGHTS;
    if (!scn_check_keys(reading, node, SCN_PARTITION)) {
        return;
    }
    double *weights = NULL;
    const struct scn_node *list = scn_node_get(node, "weights");
    if (!scn_read_numbers(reading, scn_schema_find(SCN_PARTITION, "weights"), list, &weights,
                          &edge->weight_count)) {
        return;
    }
    double sum = 0;
    for (uint32_t i = 0; i < edge->weight_count; i++) {
        sum += weights[i];
    }
    if (sum <= 0) {
        scn_error(reading->list, list->place, "the weights must not all be 0");
    }
    edge->weights = weights;
}

static void read_edge(struct scn_reading *reading, const struct scn_node *node,
                      struct net_edge_spec *edge)
{
    edge->line = node->place.line;
    scn_read_fields(reading, node, SCN_EDGE, edge);
    const struct scn_node *partition = scn_node_get(node, "partition");
    if (partition) {
        read_partition(reading, partition, edge);
    }
    const struct scn_entry *chain = scn_node_find(node, "chain");
    if (chain && edge->is_chained && edge->partition != NET_PARTITION_FORWARD) {
        scn_error(reading->list, chain->key->place, "'chain' needs 'partition: forward'");
    }
}

void scn_decode_job(struct scn_decoder *decoder, const struct scn_node *node)
{
    struct scn_reading *reading = &decoder->reading;
    struct net_spec *spec = decoder->spec;
    if (!scn_check_keys(reading, node, SCN_JOB) && node->kind != SCN_MAPPING) {
        return;
    }
    const struct scn_node *vertices = scn_node_get(node, "vertices");
    const struct scn_node *edges = scn_node_get(node, "edges");
    if (vertices && vertices->count > NET_MAX_SUBTASKS) {
        scn_error(reading->list, vertices->place, "the job has %u vertices, the limit is %u",
                  vertices->count, NET_MAX_SUBTASKS);
        return;
    }
    if (vertices && scn_check_list(reading, vertices, "vertices", false)) {
        spec->vertices = sim_arena_alloc(reading->arena, vertices->count, sizeof(*spec->vertices));
        decoder->vertices = sim_arena_alloc(reading->arena, vertices->count, sizeof(node));
        for (const struct scn_entry *entry = vertices->first; entry; entry = entry->next) {
            decoder->vertices[spec->vertex_count] = entry->value;
            read_vertex(reading, entry->value, &spec->vertices[spec->vertex_count++]);
        }
    }
    if (edges && scn_check_list(reading, edges, "edges", false)) {
        spec->edges = sim_arena_alloc(reading->arena, edges->count, sizeof(*spec->edges));
        decoder->edges = sim_arena_alloc(reading->arena, edges->count, sizeof(node));
        for (const struct scn_entry *entry = edges->first; entry; entry = entry->next) {
            decoder->edges[spec->edge_count] = entry->value;
            read_edge(reading, entry->value, &spec->edges[spec->edge_count++]);
        }
    }
}
