#include "studies/csv.h"
#include "studies/json.h"
#include "studies/size.h"
#include "studies/size_print.h"

static void print_field(const char *text, FILE *out)
{
    char field[2 * sizeof(struct sim_err)];
    study_csv_quote(field, sizeof field, text);
    fputs(field, out);
}

/* What the lines of one thing have in common. */
struct subject {
    const char *scope;
    const char *vertex;
    uint32_t index;
    const char *peer;
    FILE *out;
};

static void print_line(const struct subject *subject, const char *metric, int64_t value)
{
    fprintf(subject->out, "%s,", subject->scope);
    print_field(subject->vertex, subject->out);
    fprintf(subject->out, ",%u,", subject->index);
    print_field(subject->peer, subject->out);
    fprintf(subject->out, ",%s,%lld\n", metric, (long long)value);
}

static void print_part(FILE *out, const char *metric, int64_t bytes)
{
    if (bytes != NET_UNSET) {
        fprintf(out, "memory,,,,%s,%lld\n", metric, (long long)bytes);
    }
}

static void print_memory_csv(const struct net_memory *memory, FILE *out)
{
    print_part(out, "process_bytes", memory->process);
    print_part(out, "flink_bytes", memory->flink);
    print_part(out, "framework_heap_bytes", memory->framework_heap);
    print_part(out, "framework_off_heap_bytes", memory->framework_off_heap);
    print_part(out, "task_heap_bytes", memory->task_heap);
    print_part(out, "task_off_heap_bytes", memory->task_off_heap);
    print_part(out, "managed_bytes", memory->managed);
    print_part(out, "network_bytes", memory->network);
    print_part(out, "metaspace_bytes", memory->metaspace);
    print_part(out, "overhead_bytes", memory->overhead);
    print_part(out, "segment_bytes", memory->segment_size);
    print_part(out, "segments", memory->segments);
}

static const char *peer_of(const struct study_size *size, const struct net_pool_demand *pool)
{
    const struct net_edge_spec *edge = &size->spec->edges[pool->edge];
    return size->spec->vertices[pool->is_input ? edge->from : edge->to].name;
}

static void print_pool_csv(const struct study_size *size, const struct net_pool_demand *pool,
                           FILE *out)
{
    const struct net_config *config = &size->spec->config;
    struct subject subject = {
        .scope = pool->is_input ? "gate" : "partition",
        .vertex = size->spec->vertices[pool->vertex].name,
        .index = pool->subtask,
        .peer = peer_of(size, pool),
        .out = out,
    };
    print_line(&subject, "taskmanager", pool->taskmanager);
    print_line(&subject, "channels", pool->channels);
    print_line(&subject, "remote_channels", pool->remote_channels);
    print_line(&subject, "required", study_size_required(pool));
    print_line(&subject, "configured", study_size_configured(config, pool->channels));
    print_line(&subject, "maximum", study_size_maximum(pool));
    print_line(&subject, "exclusive", pool->exclusive * pool->remote_channels);
    print_line(&subject, "pool_min", pool->required);
    print_line(&subject, "pool_max", pool->max);
    print_line(&subject, "overdraft", pool->overdraft);
    print_line(&subject, "rule_of_thumb", study_size_rule_of_thumb(config, pool->channels));
}

static void print_taskmanager_csv(const struct net_taskmanager_demand *sum, uint32_t index,
                                  FILE *out)
{
    struct subject subject = {
        .scope = "taskmanager", .vertex = "", .index = index, .peer = "", .out = out};
    print_line(&subject, "subtasks", sum->subtasks);
    print_line(&subject, "partitions", sum->partitions);
    print_line(&subject, "gates", sum->gates);
    print_line(&subject, "local_channels", sum->local_channels);
    print_line(&subject, "remote_channels", sum->remote_channels);
    print_line(&subject, "guaranteed", sum->guaranteed);
    print_line(&subject, "maximum", sum->desired);
    print_line(&subject, "overdraft", sum->overdraft);
}

void study_size_print_csv(const struct study_size *size, FILE *out)
{
    const struct net_demand *demand = &size->demand;
    fputs("scope,vertex,index,peer,metric,value\n", out);
    print_memory_csv(&demand->memory, out);
    for (uint32_t i = 0; i < demand->pool_count; i++) {
        print_pool_csv(size, &demand->pools[i], out);
    }
    for (uint32_t tm = 0; tm < demand->taskmanager_count; tm++) {
        print_taskmanager_csv(&demand->taskmanagers[tm], tm, out);
    }
    fprintf(out, "job,,,,starts,%d\n", demand->starts);
    fprintf(out, "job,,,,least_segments,%lld\n", (long long)demand->least_segments);
    fprintf(out, "job,,,,least_bytes,%lld\n",
            (long long)study_size_bytes(size, demand->least_segments));
    fprintf(out, "job,,,,rule_of_thumb,%lld\n", (long long)size->rule_of_thumb);
    fprintf(out, "job,,,,autoscaler_bytes,%lld\n", (long long)size->autoscaler_bytes);
    if (!demand->starts) {
        fputs("job,,,,error,", out);
        print_field(size->refusal.text, out);
        fputc('\n', out);
    }
}

static const char *bound_name(enum net_memory_bound bound)
{
    static const char *const names[] = {
        [NET_BOUND_FRACTION] = "fraction",
        [NET_BOUND_MIN] = "min",
        [NET_BOUND_MAX] = "max",
        [NET_BOUND_REST] = "rest",
        [NET_BOUND_COUNT] = "numberOfBuffers",
        [NET_BOUND_LOCAL] = "local",
    };
    return names[bound];
}

static void print_size(struct study_json *json, const char *key, int64_t bytes)
{
    if (bytes == NET_UNSET) {
        study_json_null(json, key);
    } else {
        study_json_int(json, key, bytes);
    }
}

static void print_memory_json(const struct net_memory *memory, struct study_json *json)
{
    study_json_object(json, "memory");
    print_size(json, "process_bytes", memory->process);
    print_size(json, "flink_bytes", memory->flink);
    print_size(json, "framework_heap_bytes", memory->framework_heap);
    print_size(json, "framework_off_heap_bytes", memory->framework_off_heap);
    print_size(json, "task_heap_bytes", memory->task_heap);
    print_size(json, "task_off_heap_bytes", memory->task_off_heap);
    print_size(json, "managed_bytes", memory->managed);
    print_size(json, "network_bytes", memory->network);
    study_json_text(json, "network_bound", bound_name(memory->network_bound));
    print_size(json, "metaspace_bytes", memory->metaspace);
    print_size(json, "overhead_bytes", memory->overhead);
    study_json_text(json, "overhead_bound", bound_name(memory->overhead_bound));
    study_json_int(json, "segment_bytes", memory->segment_size);
    study_json_int(json, "segments", memory->segments);
    study_json_close(json, '}');
}

static void print_pool_json(const struct study_size *size, const struct net_pool_demand *pool,
                            struct study_json *json)
{
    const struct net_config *config = &size->spec->config;
    study_json_inline(json, NULL);
    study_json_text(json, "scope", pool->is_input ? "gate" : "partition");
    study_json_text(json, "vertex", size->spec->vertices[pool->vertex].name);
    study_json_uint(json, "subtask", pool->subtask);
    study_json_text(json, "peer", peer_of(size, pool));
    study_json_uint(json, "taskmanager", pool->taskmanager);
    study_json_uint(json, "channels", pool->channels);
    study_json_uint(json, "remote_channels", pool->remote_channels);
    study_json_int(json, "required", study_size_required(pool));
    study_json_int(json, "configured", study_size_configured(config, pool->channels));
    study_json_int(json, "maximum", study_size_maximum(pool));
    study_json_int(json, "exclusive", pool->exclusive * pool->remote_channels);
    study_json_int(json, "pool_min", pool->required);
    study_json_int(json, "pool_max", pool->max);
    study_json_int(json, "overdraft", pool->overdraft);
    study_json_int(json, "rule_of_thumb", study_size_rule_of_thumb(config, pool->channels));
    study_json_close(json, '}');
}

static void print_taskmanager_json(const struct net_taskmanager_demand *sum,
                                   struct study_json *json)
{
    study_json_inline(json, NULL);
    study_json_uint(json, "subtasks", sum->subtasks);
    study_json_uint(json, "partitions", sum->partitions);
    study_json_uint(json, "gates", sum->gates);
    study_json_uint(json, "local_channels", sum->local_channels);
    study_json_uint(json, "remote_channels", sum->remote_channels);
    study_json_int(json, "guaranteed", sum->guaranteed);
    study_json_int(json, "maximum", sum->desired);
    study_json_int(json, "overdraft", sum->overdraft);
    study_json_close(json, '}');
}

void study_size_print_json(const struct study_size *size, FILE *out)
{
    const struct net_demand *demand = &size->demand;
    struct study_json json;
    study_json_begin(&json, out);
    study_json_object(&json, NULL);
    study_json_text(&json, "name", size->spec->name);
    study_json_bool(&json, "starts", demand->starts);
    if (demand->starts) {
        study_json_null(&json, "error");
    } else {
        study_json_text(&json, "error", size->refusal.text);
    }
    study_json_int(&json, "least_segments", demand->least_segments);
    study_json_int(&json, "least_bytes", study_size_bytes(size, demand->least_segments));
    study_json_int(&json, "rule_of_thumb", size->rule_of_thumb);
    study_json_int(&json, "autoscaler_bytes", size->autoscaler_bytes);
    print_memory_json(&demand->memory, &json);
    study_json_list(&json, "taskmanagers");
    for (uint32_t tm = 0; tm < demand->taskmanager_count; tm++) {
        print_taskmanager_json(&demand->taskmanagers[tm], &json);
    }
    study_json_close(&json, ']');
    study_json_list(&json, "pools");
    for (uint32_t i = 0; i < demand->pool_count; i++) {
        print_pool_json(size, &demand->pools[i], &json);
    }
    study_json_close(&json, ']');
    study_json_close(&json, '}');
}
