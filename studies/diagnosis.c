#include "studies/diagnosis.h"

#include <stdlib.h>

#include "sim/arena.h"
#include "studies/advice.h"

/* A subtask with more idle time than this has nothing to do now and then: load comes and goes. */
#define IDLE_IN_BETWEEN 0.05

/* Below this part of its busiest subtask, the mean of a vertex says that load is uneven. */
#define EVEN_LOAD 0.75

/* The border behind which the culprit stands. */
static struct study_border find_border(const struct study_outcome *outcome)
{
    uint32_t count = outcome->spec->vertex_count;
    struct study_load *loads = sim_alloc(count, sizeof *loads);
    struct study_border border;

    for (uint32_t v = 0; v < count; v++) {
        loads[v].busy = outcome->vertices[v].busy.max;
        loads[v].pressed = outcome->vertices[v].back_pressured.max;
    }
    border = study_border_find(outcome->spec, loads, STUDY_PRESSED);
    free(loads);
    return border;
}

static uint32_t busiest_vertex(const struct study_outcome *outcome)
{
    uint32_t best = 0;

    for (uint32_t v = 1; v < outcome->spec->vertex_count; v++) {
        if (outcome->vertices[v].busy.max > outcome->vertices[best].busy.max) {
            best = v;
        }
    }
    return best;
}

/* The subtask of a vertex that is back-pressured most. */
static uint32_t worst_subtask(const struct study_outcome *outcome, uint32_t vertex)
{
    const struct net_task_totals *tasks = &outcome->tasks[outcome->first[vertex]];
    uint32_t worst = 0;

    for (uint32_t s = 1; s < outcome->vertices[vertex].parallelism; s++) {
        if (tasks[s].soft + tasks[s].hard > tasks[worst].soft + tasks[worst].hard) {
            worst = s;
        }
    }
    return worst;
}

const struct net_task_totals *study_pressed_task(const struct study_diagnosis *diagnosis,
                                                 const struct study_outcome *outcome)
{
    return &outcome->tasks[outcome->first[diagnosis->pressed] + diagnosis->pressed_worst];
}

enum study_limit study_limit_of(const struct net_task_totals *task, double *share)
{
    enum study_limit limit = STUDY_LIMIT_NONE;
    sim_time longest = 0;

    if (task->blocked_by_quota > longest) {
        limit = STUDY_LIMIT_QUOTA;
        longest = task->blocked_by_quota;
    }
    if (task->blocked_by_channel_limit > longest) {
        limit = STUDY_LIMIT_CHANNEL;
        longest = task->blocked_by_channel_limit;
    }
    if (task->blocked_by_global_pool > longest) {
        limit = STUDY_LIMIT_GLOBAL;
        longest = task->blocked_by_global_pool;
    }
    *share = task->elapsed > 0 ? (double)longest / (double)task->elapsed : 0;
    *share = *share < 1 ? *share : 1; /* sums over several outputs */
    return limit;
}

static bool is_skewed(const struct study_vertex *vertex)
{
    return vertex->parallelism > 1 && vertex->busy.mean < EVEN_LOAD * vertex->busy.max;
}

/* The cause when something is back-pressured and the vertex behind it is known. */
static enum study_cause cause_behind(const struct study_diagnosis *diagnosis,
                                     const struct study_outcome *outcome)
{
    const struct study_vertex *vertex = &outcome->vertices[diagnosis->vertex];
    const struct net_task_totals *task = study_pressed_task(diagnosis, outcome);
    double pressed = outcome->vertices[diagnosis->pressed].back_pressured.max;
    double idle = task->elapsed > 0 ? (double)task->idle / (double)task->elapsed : 0;
    sim_time waited = task->waited_for_link + task->waited_for_credit;
    bool has_pauses = idle > IDLE_IN_BETWEEN;

    if (vertex->busy.max >= (has_pauses ? STUDY_FULL : STUDY_SATURATED)) {
        return is_skewed(vertex) ? STUDY_CAUSE_SKEW : STUDY_CAUSE_SERVICE;
    }
    if (diagnosis->limit == STUDY_LIMIT_GLOBAL) {
        return STUDY_CAUSE_GLOBAL;
    }
    if (task->waited_for_link > task->waited_for_credit) {
        return STUDY_CAUSE_LINK;
    }
    if (has_pauses && vertex->busy.max >= pressed) {
        return STUDY_CAUSE_BURSTS;
    }
    if (waited > task->elapsed / 10) {
        return STUDY_CAUSE_CREDIT;
    }
    return diagnosis->limit == STUDY_LIMIT_CHANNEL ? STUDY_CAUSE_CHANNEL : STUDY_CAUSE_QUOTA;
}

/* Bytes per second that the consumers of an edge on one task manager get from another one. */
static double traffic(const struct study_outcome *outcome, const struct net_edge_spec *edge,
                      uint32_t sender, uint32_t receiver)
{
    const struct net_vertex_spec *from = &outcome->spec->vertices[edge->from];
    const struct net_vertex_spec *to = &outcome->spec->vertices[edge->to];
    uint32_t senders = 0;
    double bytes_per_s = 0;

    for (uint32_t s = 0; s < from->parallelism; s++) {
        senders += outcome->taskmanager_of[outcome->first[edge->from] + s] == sender;
    }
    for (uint32_t s = 0; s < to->parallelism; s++) {
        uint32_t index = outcome->first[edge->to] + s;
        const struct net_task_totals *task = &outcome->tasks[index];

        if (outcome->taskmanager_of[index] == receiver && task->elapsed > 0) {
            bytes_per_s += (double)task->records_in / ((double)task->elapsed / 1e9) *
                           sim_dist_mean(&from->record_size) * senders / from->parallelism;
        }
    }
    return bytes_per_s;
}

static double bandwidth(const struct net_cluster_spec *cluster, uint32_t sender, uint32_t receiver)
{
    for (uint32_t i = 0; i < cluster->override_count; i++) {
        if (cluster->overrides[i].from == sender && cluster->overrides[i].to == receiver) {
            return cluster->overrides[i].link.bytes_per_second;
        }
    }
    return cluster->link.bytes_per_second;
}

/* The busiest link out of the task manager of the back-pressured subtask: where the limit is when
 * several edges leave it. */
static void find_link(struct study_diagnosis *diagnosis, const struct study_outcome *outcome)
{
    const struct net_spec *spec = outcome->spec;
    uint32_t sender =
        outcome->taskmanager_of[outcome->first[diagnosis->pressed] + diagnosis->pressed_worst];

    diagnosis->link_from = sender;
    for (uint32_t e = 0; e < spec->edge_count; e++) {
        for (uint32_t t = 0; t < spec->cluster.taskmanagers; t++) {
            double share;

            if (spec->edges[e].from != diagnosis->pressed || t == sender) {
                continue;
            }
            share =
                traffic(outcome, &spec->edges[e], sender, t) / bandwidth(&spec->cluster, sender, t);
            if (share > diagnosis->link_share) {
                diagnosis->link_share = share;
                diagnosis->link_to = t;
                diagnosis->vertex = spec->edges[e].to;
                diagnosis->subtask = outcome->vertices[diagnosis->vertex].busiest;
            }
        }
    }
}

void study_diagnose(struct study_diagnosis *diagnosis, const struct study_outcome *outcome)
{
    struct study_border border = find_border(outcome);

    *diagnosis = (struct study_diagnosis){.cause = STUDY_CAUSE_NONE};
    diagnosis->vertex = border.is_found ? border.to : busiest_vertex(outcome);
    diagnosis->subtask = outcome->vertices[diagnosis->vertex].busiest;
    diagnosis->has_pressed = border.is_found;
    if (border.is_found) {
        diagnosis->pressed = border.from;
        diagnosis->pressed_worst = worst_subtask(outcome, border.from);
        diagnosis->limit =
            study_limit_of(study_pressed_task(diagnosis, outcome), &diagnosis->limit_share);
        diagnosis->cause = cause_behind(diagnosis, outcome);
        if (diagnosis->cause == STUDY_CAUSE_LINK) {
            find_link(diagnosis, outcome);
        }
    } else if (outcome->vertices[diagnosis->vertex].busy.max >= STUDY_FULL) {
        /* The pools in front of it have not been full long enough to press anybody. */
        diagnosis->cause = is_skewed(&outcome->vertices[diagnosis->vertex]) ? STUDY_CAUSE_SKEW
                                                                            : STUDY_CAUSE_SERVICE;
    }
    study_advise(diagnosis, outcome);
}

void study_diagnosis_finish(struct study_diagnosis *diagnosis)
{
    sim_text_finish(&diagnosis->key);
    sim_text_finish(&diagnosis->what);
    sim_text_finish(&diagnosis->why);
    sim_text_finish(&diagnosis->when);
    sim_text_finish(&diagnosis->advice);
    sim_text_finish(&diagnosis->note);
}

const char *study_cause_name(enum study_cause cause)
{
    static const char *const names[] = {
        [STUDY_CAUSE_NONE] = "none",          [STUDY_CAUSE_SERVICE] = "service",
        [STUDY_CAUSE_SKEW] = "skew",          [STUDY_CAUSE_BURSTS] = "bursts",
        [STUDY_CAUSE_CREDIT] = "credit",      [STUDY_CAUSE_LINK] = "link",
        [STUDY_CAUSE_GLOBAL] = "global pool", [STUDY_CAUSE_CHANNEL] = "max-buffers-per-channel",
        [STUDY_CAUSE_QUOTA] = "output pool",
    };

    return names[cause];
}

const char *study_limit_name(enum study_limit limit)
{
    static const char *const names[] = {
        [STUDY_LIMIT_NONE] = "none",
        [STUDY_LIMIT_QUOTA] = "output pool",
        [STUDY_LIMIT_CHANNEL] = "max-buffers-per-channel",
        [STUDY_LIMIT_GLOBAL] = "global pool",
    };

    return names[limit];
}
