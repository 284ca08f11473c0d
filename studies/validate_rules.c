#include "studies/validate_rules.h"

#include <math.h>
#include <string.h>

#define SATURATED_MS_PER_S 990.0 /* busy */
#define POINT_MS_PER_S 10.0      /* 1 % of the time */
#define SPLIT_LATENCY 1.5        /* standard deviation in means */

enum kind {
    KIND_COUNTED,    /* a rate: never less than one count in the window */
    KIND_TIME,       /* ms per second */
    KIND_PLAIN,      /* as the table says */
    KIND_MEAN,       /* latency, its mean */
    KIND_MEDIAN,     /* latency, pooled */
    KIND_TAIL,       /* latency, pooled */
    KIND_SATURATION, /* compared in saturated jobs only */
};

/* The tolerance is the larger of the two. */
struct rule {
    const char *metric;
    enum kind kind;
    double relative;
    double absolute;
    const char *text;
};

/* Recordings have four decimals; "exact" means to these. */
#define EXACT 0.00005

static const struct rule rules_table[] = {
    {"numRecordsIn.rate", KIND_COUNTED, 0.003, 0, "0.3 %"},
    {"numRecordsOut.rate", KIND_COUNTED, 0.003, 0, "0.3 %"},
    {"numBuffersOut.rate", KIND_COUNTED, 0.007, 0, "0.7 %"},
    {"numBuffersInRemote.rate", KIND_COUNTED, 0.01, 0, "1 %"},
    {"numBuffersInLocal.rate", KIND_COUNTED, 0.01, 0, "1 %"},
    {"idle.exact", KIND_TIME, 0, 0, ""},
    {"busy.exact", KIND_TIME, 0, 0, ""},
    {"softBackPressured.exact", KIND_TIME, 0, 0, ""},
    {"hardBackPressured.exact", KIND_TIME, 0, 0, ""},
    {"outPoolUsage", KIND_PLAIN, 0, 0.02, "0.02"},
    {"inPoolUsage", KIND_PLAIN, 0, 0.02, "0.02"},
    {"inputExclusiveBuffersUsage", KIND_PLAIN, 0, 0.03, "0.03"},
    {"inputFloatingBuffersUsage", KIND_PLAIN, 0, 0.03, "0.03"},
    {"inputQueueLength", KIND_PLAIN, 0, 0.3, "0.3 buffers"},
    {"outputQueueLength", KIND_PLAIN, 0, 0.3, "0.3 buffers"},
    {"outPool.size", KIND_PLAIN, 0, EXACT, "exact"},
    {"inPool.size", KIND_PLAIN, 0, EXACT, "exact"},
    {"latencyMs", KIND_MEAN, 0.02, 1.5, "2 %, 1.5 ms"},
    {"latencyMs.p50", KIND_MEDIAN, 0.02, 1.5, "2 %, 1.5 ms"},
    {"latencyMs.p99", KIND_TAIL, 0.05, 5, "5 %, 5 ms"},
    {"UsedMemorySegments", KIND_SATURATION, 0, EXACT, "exact"},
    {"debloatedBufferSize", KIND_PLAIN, 0.25, 0, "25 %"},
    {"estimatedTimeToConsumeBuffersMs", KIND_PLAIN, 0.25, 0, "25 %"},
    {"checkpoint.end_to_end_duration", KIND_PLAIN, 0.05, 0, "5 %"},
    {"checkpoint.start_delay_ms", KIND_PLAIN, 0.05, 0, "5 %"},
    {"checkpoint.alignment_ms", KIND_PLAIN, 0.05, 0, "5 %"},
    {"checkpoint.persisted_bytes", KIND_PLAIN, 0.03, 0, "3 %"},
};

static double recorded_of(const struct study_recording *recording, const char *vertex,
                          const char *metric)
{
    const struct study_recorded_row *row = study_recording_row(recording, vertex, metric);

    return row != NULL ? row->mean : 0;
}

static bool has_fan_out(const struct net_spec *spec)
{
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (spec->edges[i].from == spec->edges[j].from) {
                return true;
            }
        }
    }
    return false;
}

void study_rules_init(struct study_rules *rules)
{
    const struct net_spec *spec = rules->spec;
    const struct net_run_spec *run = &spec->run;

    rules->window_s = (double)(run->duration - run->warmup) / 1e9;
    rules->has_wide_tails = has_fan_out(spec) || spec->config.checkpoint_interval > 0;
    rules->is_placed = true;
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        const char *name = spec->vertices[v].name;

        rules->is_placed = rules->is_placed && spec->vertices[v].taskmanager != NET_ANYWHERE;
        const struct study_recorded_row *latency =
            study_recording_row(rules->recording, name, "latencyMs");

        const struct study_recorded_row *p50 =
            study_recording_row(rules->recording, name, "latencyMs.p50");

        p50 = p50 != NULL ? p50 : latency;
        rules->latency_p50[v] = p50 != NULL ? p50->mean : 0;
        rules->has_split_latency[v] =
            latency != NULL && latency->sd > SPLIT_LATENCY * latency->mean;
        if (!spec->vertices[v].is_source &&
            recorded_of(rules->recording, name, "busy.exact") >= SATURATED_MS_PER_S) {
            rules->is_saturated = true;
        }
    }
}

static struct study_tolerance skip(const char *why)
{
    return (struct study_tolerance){.rule = why};
}

static struct study_tolerance compare(double value, const char *rule)
{
    return (struct study_tolerance){.is_compared = true, .value = value, .rule = rule};
}

/* Times are sums of differences of whole milliseconds (MET-10), so a source, which turns often from
 * one activity to another, may show some of one in its neighbour. */
static struct study_tolerance time_tolerance(const struct study_rules *rules, uint32_t vertex)
{
    const struct net_vertex_spec *spec = &rules->spec->vertices[vertex];

    if (spec->is_source) {
        double by_changes = 0.5 * rules->changes_per_s[vertex];

        return by_changes > POINT_MS_PER_S ? compare(by_changes, "0.5 ms a change of state")
                                           : compare(POINT_MS_PER_S, "1 point");
    }
    if (recorded_of(rules->recording, spec->name, "busy.exact") >= SATURATED_MS_PER_S) {
        return compare(POINT_MS_PER_S, "1 point");
    }
    return compare(2 * POINT_MS_PER_S, "2 points");
}

static struct study_tolerance latency_tolerance(const struct study_rules *rules, uint32_t vertex,
                                                const struct rule *rule, double recorded)
{
    if (rules->latency_p50[vertex] < 1) {
        return skip("below 1 ms: hand-overs of the machine's threads");
    }
    if (rule->kind != KIND_MEAN && rules->has_split_latency[vertex]) {
        return skip("percentile of a pool of very different subtasks; see the mean");
    }
    if (rule->kind == KIND_TAIL && rules->has_wide_tails) {
        return compare(fmax(0.12 * recorded, rule->absolute), "12 %, 5 ms");
    }
    return compare(fmax(rule->relative * recorded, rule->absolute), rule->text);
}

static struct study_tolerance tolerance_by(const struct rule *rule, const struct study_rules *rules,
                                           uint32_t vertex, double recorded)
{
    double plain = fmax(rule->relative * fabs(recorded), rule->absolute);

    switch (rule->kind) {
    case KIND_COUNTED:
        return plain < 1 / rules->window_s ? compare(1 / rules->window_s, "one in the window")
                                           : compare(plain, rule->text);
    case KIND_TIME:
        return vertex != UINT32_MAX ? time_tolerance(rules, vertex) : skip("not of a vertex");
    case KIND_MEAN:
    case KIND_MEDIAN:
    case KIND_TAIL:
        return vertex != UINT32_MAX ? latency_tolerance(rules, vertex, rule, recorded)
                                    : skip("not of a vertex");
    case KIND_SATURATION:
        if (!rules->is_placed) {
            return skip("the scenario leaves open which task manager runs what");
        }
        return rules->is_saturated ? compare(plain, rule->text)
                                   : skip("remembers the peak since the start");
    case KIND_PLAIN:
        break;
    }
    return compare(plain, rule->text);
}

static const struct rule *find_rule(const char *metric)
{
    for (size_t i = 0; i < sizeof rules_table / sizeof rules_table[0]; i++) {
        if (strcmp(rules_table[i].metric, metric) == 0) {
            return &rules_table[i];
        }
    }
    return NULL;
}

bool study_rules_knows(const char *metric)
{
    return find_rule(metric) != NULL;
}

struct study_tolerance study_rules_tolerance(const struct study_rules *rules, uint32_t vertex,
                                             const char *metric, double recorded)
{
    const struct rule *rule = find_rule(metric);

    return rule != NULL ? tolerance_by(rule, rules, vertex, recorded) : skip("no rule");
}
