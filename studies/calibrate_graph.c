/* Who is connected to whom: given, or one chain in the order of latency. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/text.h"
#include "studies/calibrate_estimate.h"

/* Vertices that a message names. */
#define MOST_NAMES 10

#define UNEVEN 0.02 /* of the mean share of a subtask */

static bool find_vertex(const struct study_estimate *estimate, const char *name, uint32_t *index,
                        struct sim_err *err)
{
    for (uint32_t v = 0; v < estimate->vertex_count; v++) {
        if (strcmp(estimate->vertices[v].name, name) == 0) {
            *index = v;
            return true;
        }
    }
    struct sim_text names = {0};
    for (uint32_t v = 0; v < estimate->vertex_count && v < MOST_NAMES; v++) {
        sim_text_add(&names, "%s%s", v > 0 ? ", " : "", estimate->vertices[v].name);
    }
    sim_err_set(err, SIM_ERR_INPUT,
                "an edge names '%s', which series.csv does not have; it has %s%s", name,
                sim_text_get(&names), estimate->vertex_count > MOST_NAMES ? ", ..." : "");
    sim_text_finish(&names);
    return false;
}

/* Share of a vertex's records that the busiest subtask gets beyond an equal one; more than chance
 * alone would give. */
static bool is_uneven(const struct study_estimate_vertex *vertex)
{
    double mean = vertex->records_in / vertex->parallelism;
    double allowed = fmax(UNEVEN * mean, 4 * sqrt(mean));

    for (uint32_t s = 0; s < vertex->parallelism; s++) {
        if (fabs(vertex->subtasks[s].records_in - mean) > allowed) {
            return true;
        }
    }
    return false;
}

/* Input channels of each subtask per gate; 0 when not known. */
static uint32_t channels_of(const struct study_estimate *estimate, const char *vertex)
{
    const struct study_recording *recording = estimate->recording;

    for (size_t i = 0; i < recording->task_count; i++) {
        const struct study_recorded_task *task = &recording->tasks[i];

        if (strcmp(task->vertex, vertex) == 0 && task->input_count > 0) {
            return (task->remote_inputs + task->local_inputs) / task->input_count;
        }
    }
    return 0;
}

static void estimate_partition(const struct study_estimate *estimate,
                               struct study_estimate_edge *edge)
{
    const struct study_estimate_vertex *from = &estimate->vertices[edge->from];
    const struct study_estimate_vertex *to = &estimate->vertices[edge->to];
    double copies = from->records_out > 0 ? to->records_in / from->records_out : 0;

    if (from->parallelism == to->parallelism && from->parallelism > 1 &&
        channels_of(estimate, to->name) == 1) {
        edge->partition = "forward";
        edge->why = "one input channel a subtask";
    } else if (to->parallelism > 1 && fabs(copies - to->parallelism) < 0.1 * to->parallelism) {
        edge->partition = "broadcast";
        edge->why = "every subtask gets every record";
    } else if (to->parallelism > 1 && is_uneven(to)) {
        edge->partition = "weights";
        edge->why = "shares of the subtasks' records";
    } else {
        edge->partition = "rebalance";
        edge->why = "the subtasks get equally many records";
    }
}

static bool take_given(struct study_estimate *estimate, const struct study_calibrate_params *params,
                       struct sim_err *err)
{
    for (size_t i = 0; i < params->edge_count; i++) {
        struct study_estimate_edge *edge = &estimate->edges[estimate->edge_count];

        if (!find_vertex(estimate, params->edges[i].from, &edge->from, err) ||
            !find_vertex(estimate, params->edges[i].to, &edge->to, err)) {
            return false;
        }
        if (!estimate->vertices[edge->from].has_output || !estimate->vertices[edge->to].has_input) {
            return sim_err_set(err, SIM_ERR_INPUT,
                               "an edge leads from '%s' to '%s', but series.csv has no "
                               "numRecordsOut of the one or no numRecordsIn of the other",
                               params->edges[i].from, params->edges[i].to);
        }
        edge->partition = params->edges[i].partition;
        if (edge->partition == NULL) {
            estimate_partition(estimate, edge);
        }
        estimate->edge_count++;
    }
    return true;
}

/* A record is the older the further down it is seen. */
static int compare_depth(const void *left, const void *right)
{
    const struct study_estimate_vertex *a = *(const struct study_estimate_vertex *const *)left;
    const struct study_estimate_vertex *b = *(const struct study_estimate_vertex *const *)right;

    if (a->has_input != b->has_input) {
        return a->has_input ? 1 : -1;
    }
    if (a->has_output != b->has_output) {
        return a->has_output ? -1 : 1;
    }
    return (a->latency_ms > b->latency_ms) - (a->latency_ms < b->latency_ms);
}

static bool guess_chain(struct study_estimate *estimate, struct sim_err *err)
{
    uint32_t count = estimate->vertex_count;
    struct study_estimate_vertex **order =
        sim_arena_alloc(estimate->arena, count, sizeof(struct study_estimate_vertex *));
    uint32_t sources = 0;
    uint32_t sinks = 0;
    bool has_latency = true;

    for (uint32_t v = 0; v < count; v++) {
        order[v] = &estimate->vertices[v];
        sources += !order[v]->has_input;
        sinks += !order[v]->has_output;
        has_latency = has_latency && (!order[v]->has_input || order[v]->latency_ms >= 0);
    }
    if (sources != 1 || sinks != 1 || (count > 3 && !has_latency)) {
        return sim_err_set(err, SIM_ERR_INPUT,
                           "who is connected to whom cannot be told from this recording (%u "
                           "sources, %u sinks); say it with --edge FROM:TO",
                           sources, sinks);
    }
    qsort(order, count, sizeof(struct study_estimate_vertex *), compare_depth);
    for (uint32_t i = 0; i + 1 < count; i++) {
        struct study_estimate_edge *edge = &estimate->edges[estimate->edge_count++];

        edge->from = (uint32_t)(order[i] - estimate->vertices);
        edge->to = (uint32_t)(order[i + 1] - estimate->vertices);
        estimate_partition(estimate, edge);
    }
    return true;
}

bool study_estimate_graph(struct study_estimate *estimate,
                          const struct study_calibrate_params *params, struct sim_err *err)
{
    size_t most = params->edge_count + estimate->vertex_count;

    estimate->edges = sim_arena_alloc(estimate->arena, most, sizeof *estimate->edges);
    return params->edge_count > 0 ? take_given(estimate, params, err) : guess_chain(estimate, err);
}
