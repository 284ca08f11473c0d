#include "studies/advice.h"

#include <stdlib.h>

#include "models/topology.h"
#include "sim/arena.h"
#include "sim/histogram.h"
#include "sim/number.h"

/* So many seconds of load outside the sources are worth a word. */
#define LATE_S 0.1

/* A share of the window that can move a mean. */
#define MATTERS 0.05

/* A link whose mean load is less is not too small, but slow at times. */
#define BUSY_LINK 0.8

/* A bottleneck for more than this share of the time is one for good. */
#define ALWAYS 0.95

/* A subtask that is busy by so much more than the mean of its vertex is told beside it. */
#define NOTED_UNEVENNESS 0.05

/* Of the places where the bottleneck was, so many are named. */
#define MOST_MOMENTS 4

/* A smaller share would be shown as 0.0 %. */
#define LEAST_SHOWN 0.0005

#define KEY_PREFIX "taskmanager.network.memory."

static void add_percent(struct sim_text *text, double share)
{
    sim_text_add(text, "%.1f %%", 100.0 * share);
}

/* That a key is no option of the chosen Flink. */
static const char *constant_note(const struct study_outcome *outcome)
{
    return outcome->spec->config.version == NET_FLINK_2_2
               ? " (a constant in Flink 2.x: a what-if that only the simulation can answer)"
               : "";
}

/* A broadcast shares its buffers, and all of them count as buffers of one subpartition. */
static bool is_broadcast(const struct study_diagnosis *diagnosis,
                         const struct study_outcome *outcome)
{
    for (uint32_t e = 0; e < outcome->spec->edge_count; e++) {
        const struct net_edge_spec *edge = &outcome->spec->edges[e];

        if (edge->from == diagnosis->pressed && edge->to == diagnosis->vertex) {
            return edge->partition == NET_PARTITION_BROADCAST;
        }
    }
    return false;
}

/* Output pools of the back-pressured vertex: the totals of a task are sums over them. */
static uint32_t output_pools(const struct study_diagnosis *diagnosis,
                             const struct study_outcome *outcome)
{
    uint32_t count = 0;

    for (uint32_t e = 0; e < outcome->spec->edge_count; e++) {
        count += outcome->spec->edges[e].from == diagnosis->pressed;
    }
    return count;
}

static void say_channel_limit(struct study_diagnosis *diagnosis,
                              const struct study_outcome *outcome)
{
    const struct net_task_totals *task = study_pressed_task(diagnosis, outcome);
    struct sim_text *why = &diagnosis->why;
    uint32_t pools = output_pools(diagnosis, outcome);

    sim_text_add(why, ", because ");
    if (diagnosis->cause == STUDY_CAUSE_SKEW && !is_broadcast(diagnosis, outcome)) {
        sim_text_add(why, "subpartition %u", task->hottest_output);
    } else {
        sim_text_add(why, "a subpartition");
    }
    sim_text_add(why, " of its output is at max-buffers-per-channel = %lld. Of ",
                 (long long)outcome->spec->config.max_buffers_per_channel);
    if (pools > 1) {
        sim_text_add(why, "the %.0f buffers of its %u output pools", task->out_size_mean, pools);
    } else {
        sim_text_add(why, "its output pool's %.0f buffers", task->out_size_mean);
    }
    sim_text_add(why, " %.1f are used on average, %lld at most", task->out_used_mean,
                 (long long)task->out_used_max);
}

static void say_quota(struct study_diagnosis *diagnosis, const struct study_outcome *outcome)
{
    const struct net_task_totals *task = study_pressed_task(diagnosis, outcome);
    struct sim_text *why = &diagnosis->why;
    uint32_t pools = output_pools(diagnosis, outcome);
    bool has_more = (double)task->out_used_max > task->out_size_mean + 0.5;

    if (pools > 1) {
        sim_text_add(why,
                     ", because one of its %u output pools is used up (of their %.0f buffers "
                     "together %.1f on average over all the time, %lld at most%s)",
                     pools, task->out_size_mean, task->out_used_mean, (long long)task->out_used_max,
                     has_more ? " with overdraft" : "");
    } else {
        sim_text_add(why,
                     ", because its output pool of %.0f buffers is used up (%.1f on average over "
                     "all the time, %lld at most%s)",
                     task->out_size_mean, task->out_used_mean, (long long)task->out_used_max,
                     has_more ? " with overdraft" : "");
    }
}

static void say_limit(struct study_diagnosis *diagnosis, const struct study_outcome *outcome)
{
    const struct net_task_totals *task = study_pressed_task(diagnosis, outcome);
    const struct study_vertex *pressed = &outcome->vertices[diagnosis->pressed];
    struct sim_text *why = &diagnosis->why;

    sim_text_add(why, "%s is back-pressured ", pressed->name);
    add_percent(why, pressed->back_pressured.max);
    sim_text_add(why, " of the time (subtask %u)", diagnosis->pressed_worst);
    switch (diagnosis->limit) {
    case STUDY_LIMIT_CHANNEL:
        say_channel_limit(diagnosis, outcome);
        break;
    case STUDY_LIMIT_QUOTA:
        say_quota(diagnosis, outcome);
        break;
    case STUDY_LIMIT_GLOBAL:
        sim_text_add(
            why,
            ", because task manager %u has no segment left, though its output pool%s may "
            "still grow (%.1f of %.0f buffers used on average)",
            outcome->taskmanager_of[outcome->first[diagnosis->pressed] + diagnosis->pressed_worst],
            output_pools(diagnosis, outcome) > 1 ? "s" : "", task->out_used_mean,
            task->out_size_mean);
        break;
    case STUDY_LIMIT_NONE:
        break;
    }
    sim_text_add(why, ".");
}

/* Blocked within a record, with what that means. */
static void say_hard(struct study_diagnosis *diagnosis, const struct study_outcome *outcome)
{
    const struct net_task_totals *task = study_pressed_task(diagnosis, outcome);
    double hard = task->elapsed > 0 ? (double)task->hard / (double)task->elapsed : 0;

    if (hard <= STUDY_PRESSED) {
        return;
    }
    sim_text_add(&diagnosis->why, " For ");
    add_percent(&diagnosis->why, hard);
    if (outcome->spec->config.transport == NET_TRANSPORT_TCP) { /* LEG-5 */
        sim_text_add(&diagnosis->why,
                     " of the time it was blocked in the middle of a record (hard back pressure): "
                     "before credits nothing else held a task up.");
    } else {
        sim_text_add(&diagnosis->why,
                     " of the time it was blocked in the middle of a record (hard back pressure): "
                     "what it emits in one go does not fit into the pool and %lld overdraft "
                     "buffers.",
                     (long long)outcome->spec->config.max_overdraft_per_gate);
    }
}

/* Whether something that leaves a vertex comes to one that is busy all the time. */
static bool feeds_a_bottleneck(const struct study_outcome *outcome, uint32_t from)
{
    const struct net_spec *spec = outcome->spec;
    bool *is_fed = sim_alloc(spec->vertex_count, sizeof *is_fed);
    bool is_found = false;
    bool has_grown = true;

    is_fed[from] = true;
    while (has_grown) {
        has_grown = false;
        for (uint32_t e = 0; e < spec->edge_count; e++) {
            const struct net_edge_spec *edge = &spec->edges[e];

            if (is_fed[edge->from] && !is_fed[edge->to]) {
                is_fed[edge->to] = true;
                has_grown = true;
                is_found = is_found || outcome->vertices[edge->to].busy.max > STUDY_SATURATED;
            }
        }
    }
    free(is_fed);
    return is_found;
}

/* LEG-3, LEG-4: who is held up although nothing that it sends goes to a bottleneck. */
static void say_stalled(struct study_diagnosis *diagnosis, const struct study_outcome *outcome)
{
    const struct net_spec *spec = outcome->spec;
    uint32_t count = 0;

    for (uint32_t v = 0; v < spec->vertex_count && spec->config.transport == NET_TRANSPORT_TCP;
         v++) {
        if (outcome->vertices[v].hard.max > STUDY_PRESSED && !feeds_a_bottleneck(outcome, v)) {
            sim_text_add(&diagnosis->why, "%s%s", count++ == 0 ? " So is " : ", ",
                         spec->vertices[v].name);
        }
    }
    if (count > 0) {
        sim_text_add(&diagnosis->why,
                     ", though nothing from there goes to anybody busy: without credits a message "
                     "that finds no buffer stops the reading of its whole connection, with all "
                     "channels behind it (transport: credit would not).");
    }
}

/* Remote channels that leave the back-pressured subtask. */
static uint32_t remote_outputs(const struct study_diagnosis *diagnosis,
                               const struct study_outcome *outcome)
{
    const struct net_spec *spec = outcome->spec;
    uint32_t home =
        outcome->taskmanager_of[outcome->first[diagnosis->pressed] + diagnosis->pressed_worst];
    uint32_t count = 0;

    for (uint32_t e = 0; e < spec->edge_count; e++) {
        struct net_shape shape;
        uint32_t outputs;

        if (spec->edges[e].from != diagnosis->pressed) {
            continue;
        }
        shape = net_shape_of(spec, &spec->edges[e]);
        outputs = net_shape_subpartitions(&shape, diagnosis->pressed_worst);
        for (uint32_t i = 0; i < outputs; i++) {
            uint32_t consumer = net_shape_consumer(&shape, diagnosis->pressed_worst, i).subtask;

            count += outcome->taskmanager_of[outcome->first[spec->edges[e].to] + consumer] != home;
        }
    }
    return count;
}

/* For what its queued data waited. */
static void say_waits(struct study_diagnosis *diagnosis, const struct study_outcome *outcome)
{
    const struct net_task_totals *task = study_pressed_task(diagnosis, outcome);
    uint32_t count = remote_outputs(diagnosis, outcome);
    double all = (double)count * (double)task->elapsed;

    if (all > 0) {
        sim_text_add(&diagnosis->why, " Its queued data waited for credit ");
        add_percent(&diagnosis->why, (double)task->waited_for_credit / all);
        sim_text_add(&diagnosis->why, " and for the connection ");
        add_percent(&diagnosis->why, (double)task->waited_for_link / all);
        sim_text_add(&diagnosis->why, " of the time (mean of its %u remote channel%s).", count,
                     count == 1 ? "" : "s");
    }
}

/* Records that sources hold back outside the job. */
static void say_late(struct study_diagnosis *diagnosis, const struct study_outcome *outcome)
{
    uint64_t late = 0;
    double per_s = 0;

    for (uint32_t v = 0; v < outcome->spec->vertex_count; v++) {
        if (outcome->vertices[v].emitted_late > 0) {
            late += outcome->vertices[v].emitted_late;
            per_s += outcome->vertices[v].records_out_per_s;
        }
    }
    if ((double)late > LATE_S * per_s) {
        sim_text_add(&diagnosis->why, " At the end %llu records were due and not yet emitted.",
                     (unsigned long long)late);
    }
}

/* What the buffers in front of a busy vertex cost. */
static void say_queue(struct study_diagnosis *diagnosis, const struct study_vertex *vertex)
{
    char latency[32];

    if (sim_histogram_count(vertex->latency) == 0) {
        return;
    }
    sim_number_format_duration(latency, sizeof latency,
                               sim_histogram_quantile(vertex->latency, 0.5));
    sim_text_add(&diagnosis->advice,
                 " More buffers would not raise the throughput, they would only lengthen the queue "
                 "(half of the records are older than %s when they are served); fewer buffers "
                 "would shorten it.",
                 latency);
}

/* The chained edge into (`is_into`) or out of a vertex; NULL: there is none. */
static const struct net_edge_spec *chained_edge(const struct net_spec *spec, uint32_t vertex,
                                                bool is_into)
{
    for (uint32_t e = 0; e < spec->edge_count; e++) {
        const struct net_edge_spec *edge = &spec->edges[e];

        if (edge->is_chained && (is_into ? edge->to : edge->from) == vertex) {
            return edge;
        }
    }
    return NULL;
}

/* "parse and enrich": the vertices that run in one task with the bottleneck; false: it is alone. */
static bool add_chain(struct sim_text *text, const struct net_spec *spec, uint32_t vertex)
{
    const struct net_edge_spec *edge;
    uint32_t first = vertex;

    while ((edge = chained_edge(spec, first, true)) != NULL) {
        first = edge->from;
    }
    edge = chained_edge(spec, first, false);
    if (edge == NULL) {
        return false;
    }
    sim_text_add(text, "%s", spec->vertices[first].name);
    while (edge != NULL) {
        const struct net_edge_spec *next = chained_edge(spec, edge->to, false);

        sim_text_add(text, "%s%s", next != NULL ? ", " : " and ", spec->vertices[edge->to].name);
        edge = next;
    }
    return true;
}

/* Vertices of a chain have one thread, and must have the same parallelism. */
static void say_remedy(struct study_diagnosis *diagnosis, const struct study_outcome *outcome,
                       const char *chain)
{
    const struct net_vertex_spec *vertex = &outcome->spec->vertices[diagnosis->vertex];

    if (chain != NULL) {
        sim_text_add(&diagnosis->advice,
                     "Raise the parallelism of %s together, make a service cheaper, or let them "
                     "run at the same time, in tasks of their own (chain: false).",
                     chain);
        return;
    }
    sim_text_add(&diagnosis->key, "job.vertices.%s.parallelism", vertex->name);
    diagnosis->direction = "up";
    sim_text_add(&diagnosis->advice, "Raise job.vertices.%s.parallelism, or make %s cheaper.",
                 vertex->name, vertex->is_source ? "a record (machine.record-cpu)" : "its service");
}

static void say_service(struct study_diagnosis *diagnosis, const struct study_outcome *outcome)
{
    const struct study_vertex *vertex = &outcome->vertices[diagnosis->vertex];
    struct sim_text chain = {0};
    bool is_chain = add_chain(&chain, outcome->spec, diagnosis->vertex);

    if (is_chain) {
        sim_text_add(&diagnosis->what,
                     "%s, chained in one task: their services are the limit, busy ",
                     sim_text_get(&chain));
    } else if (outcome->spec->vertices[diagnosis->vertex].is_source) {
        sim_text_add(&diagnosis->what, "%s: it emits as fast as it can, busy ", vertex->name);
    } else {
        sim_text_add(&diagnosis->what, "%s: its service is the limit, busy ", vertex->name);
    }
    add_percent(&diagnosis->what, vertex->busy.mean);
    sim_text_add(&diagnosis->what, " of the time");
    if (vertex->parallelism > 1) {
        sim_text_add(&diagnosis->what, " (mean of %u subtasks", vertex->parallelism);
        if (vertex->busy.max > vertex->busy.mean + NOTED_UNEVENNESS) {
            sim_text_add(&diagnosis->what, "; subtask %u: ", diagnosis->subtask);
            add_percent(&diagnosis->what, vertex->busy.max);
        }
        sim_text_add(&diagnosis->what, ")");
    }
    say_remedy(diagnosis, outcome, is_chain ? sim_text_get(&chain) : NULL);
    sim_text_finish(&chain);
    say_queue(diagnosis, vertex);
}

static void say_skew(struct study_diagnosis *diagnosis, const struct study_outcome *outcome)
{
    const struct study_vertex *vertex = &outcome->vertices[diagnosis->vertex];
    const struct net_task_totals *hot =
        &outcome->tasks[outcome->first[diagnosis->vertex] + diagnosis->subtask];
    double seconds = (double)hot->elapsed / 1e9;
    double all = vertex->records_in_per_s * seconds;
    double part = all > 0 ? (double)hot->records_in / all : 0;
    bool is_hot = part * vertex->parallelism > 1.2;

    sim_text_add(&diagnosis->what, "subtask %u of %s: busy ", diagnosis->subtask, vertex->name);
    add_percent(&diagnosis->what, vertex->busy.max);
    sim_text_add(&diagnosis->what, ", while the mean of the %u subtasks is ", vertex->parallelism);
    add_percent(&diagnosis->what, vertex->busy.mean);
    sim_text_add(&diagnosis->what, "; it gets ");
    add_percent(&diagnosis->what, part);
    sim_text_add(&diagnosis->what, " of the records");
    sim_text_add(&diagnosis->advice,
                 is_hot ? "Spread its keys: the hot subtask alone sets the throughput."
                        : "Find out why this subtask is slower than the others: it alone sets the "
                          "throughput.");
    if (diagnosis->limit == STUDY_LIMIT_CHANNEL) {
        sim_text_add(&diagnosis->key, "%s", KEY_PREFIX "max-buffers-per-channel");
        diagnosis->direction = "up";
        sim_text_add(&diagnosis->advice,
                     " With a larger " KEY_PREFIX "max-buffers-per-channel%s the others get "
                     "records while a burst lasts; a load that is uneven for ever fills any "
                     "limit.",
                     constant_note(outcome));
    } else {
        sim_text_add(&diagnosis->key, "%s", KEY_PREFIX "max-buffers-per-channel");
        diagnosis->direction = "down";
        sim_text_add(&diagnosis->advice,
                     " A smaller " KEY_PREFIX "max-buffers-per-channel%s keeps the hot channel "
                     "from taking the whole pool.",
                     constant_note(outcome));
    }
}

static void say_bursts(struct study_diagnosis *diagnosis, const struct study_outcome *outcome)
{
    const struct study_vertex *vertex = &outcome->vertices[diagnosis->vertex];

    sim_text_add(&diagnosis->what, "%s, while load peaks: busy ", vertex->name);
    add_percent(&diagnosis->what, vertex->busy.max);
    sim_text_add(&diagnosis->what, " of the time on the whole (subtask %u)", diagnosis->subtask);
    sim_text_add(&diagnosis->key, "%s%s", KEY_PREFIX,
                 diagnosis->limit == STUDY_LIMIT_CHANNEL ? "max-buffers-per-channel"
                                                         : "floating-buffers-per-gate");
    diagnosis->direction = "up";
    sim_text_add(&diagnosis->advice,
                 "More buffers hide longer bursts: %s%s up. %s can carry the mean load as it is; "
                 "raise its parallelism if it is to carry the "
                 "peaks.",
                 sim_text_get(&diagnosis->key), constant_note(outcome), vertex->name);
}

static void say_credit(struct study_diagnosis *diagnosis, const struct study_outcome *outcome)
{
    const struct study_vertex *vertex = &outcome->vertices[diagnosis->vertex];
    const struct study_vertex *pressed = &outcome->vertices[diagnosis->pressed];

    sim_text_add(&diagnosis->what,
                 "the exchange from %s to %s: data wait for credit, and %s is "
                 "busy only ",
                 pressed->name, vertex->name, vertex->name);
    add_percent(&diagnosis->what, vertex->busy.max);
    sim_text_add(&diagnosis->what, " of the time");
    sim_text_add(&diagnosis->key, "%s", KEY_PREFIX "floating-buffers-per-gate");
    diagnosis->direction = "up";
    sim_text_add(&diagnosis->advice,
                 "Raise " KEY_PREFIX "floating-buffers-per-gate, or buffers-per-channel%s: a "
                 "channel needs about throughput x round trip / segment size buffers.",
                 constant_note(outcome));
}

static void say_link(struct study_diagnosis *diagnosis, const struct study_outcome *outcome)
{
    const struct study_vertex *vertex = &outcome->vertices[diagnosis->vertex];
    const struct study_vertex *pressed = &outcome->vertices[diagnosis->pressed];

    sim_text_add(&diagnosis->what,
                 "the link from task manager %u to %u, between %s and %s: data and credit wait for "
                 "it, its load is about %.0f %% on the whole, and %s is busy only ",
                 diagnosis->link_from, diagnosis->link_to, pressed->name, vertex->name,
                 100 * diagnosis->link_share, vertex->name);
    add_percent(&diagnosis->what, vertex->busy.max);
    sim_text_add(&diagnosis->what, " of the time");
    sim_text_add(&diagnosis->key, "%s", "cluster.link.bandwidth");
    diagnosis->direction = "up";
    if (diagnosis->link_share < BUSY_LINK) {
        sim_text_add(&diagnosis->advice, "Its bandwidth suffices on the whole, so it is slow or "
                                         "stands still at times: see when. ");
    }
    sim_text_add(&diagnosis->advice, "Raise cluster.link.bandwidth, send fewer or smaller records, "
                                     "or place both vertices on one task manager. Buffers do not "
                                     "make a link faster.");
}

static void say_pool(struct study_diagnosis *diagnosis, const struct study_outcome *outcome)
{
    const struct study_vertex *pressed = &outcome->vertices[diagnosis->pressed];
    uint32_t task = outcome->first[diagnosis->pressed] + diagnosis->pressed_worst;

    diagnosis->direction = "up";
    if (diagnosis->cause == STUDY_CAUSE_GLOBAL) {
        sim_text_add(&diagnosis->what,
                     "the network memory of task manager %u: %s gets no segment, and nobody "
                     "behind it is busy",
                     outcome->taskmanager_of[task], pressed->name);
        sim_text_add(&diagnosis->key, "%s", "taskmanager.memory.network.fraction");
        sim_text_add(&diagnosis->advice,
                     "Raise taskmanager.memory.network.fraction (and .max, where that is what "
                     "binds).");
    } else if (diagnosis->cause == STUDY_CAUSE_CHANNEL) {
        sim_text_add(&diagnosis->what,
                     "max-buffers-per-channel at the output of %s: nobody behind "
                     "it is busy",
                     pressed->name);
        sim_text_add(&diagnosis->key, "%s", KEY_PREFIX "max-buffers-per-channel");
        sim_text_add(&diagnosis->advice, "Raise " KEY_PREFIX "max-buffers-per-channel%s.",
                     constant_note(outcome));
    } else {
        sim_text_add(&diagnosis->what, "the output pool of %s: nobody behind it is busy",
                     pressed->name);
        sim_text_add(&diagnosis->key, "%s", KEY_PREFIX "floating-buffers-per-gate");
        sim_text_add(&diagnosis->advice,
                     "Raise " KEY_PREFIX "floating-buffers-per-gate or buffers-per-channel%s.",
                     constant_note(outcome));
    }
}

static void say_nothing(struct study_diagnosis *diagnosis, const struct study_outcome *outcome)
{
    const struct study_vertex *vertex = &outcome->vertices[diagnosis->vertex];

    sim_text_add(&diagnosis->what, "none: nobody is back-pressured more than %.0f %% of the time",
                 100 * STUDY_PRESSED);
    sim_text_add(&diagnosis->why, "%s is busiest: ", vertex->name);
    add_percent(&diagnosis->why, vertex->busy.max);
    sim_text_add(&diagnosis->why, " of the time (subtask %u).", diagnosis->subtask);
    if (vertex->busy.max > 0.01) {
        sim_text_add(&diagnosis->advice,
                     "An even load may be about %.2f times this before %s is the limit.",
                     1 / vertex->busy.max, vertex->name);
    }
}

static void say_moment(struct sim_text *when, const struct study_outcome *outcome,
                       const struct study_moment *moment, bool is_next)
{
    sim_text_add(when, "%s%s%s ", is_next ? ", " : "", moment->is_exchange ? "the way to " : "",
                 outcome->vertices[moment->vertex].name);
    add_percent(when, (double)moment->total / (double)outcome->watched);
    sim_text_add(when, " of the time (longest from %.1f to %.1f s)",
                 (double)moment->longest_from / 1e9, (double)moment->longest_to / 1e9);
}

/* When the bottleneck was where, unless it was always the same or there never was one. */
static void say_when(struct study_diagnosis *diagnosis, const struct study_outcome *outcome)
{
    struct sim_text *when = &diagnosis->when;
    sim_time calm = outcome->watched;

    for (uint32_t i = 0; i < outcome->moment_count; i++) {
        calm -= outcome->moments[i].total;
    }
    if (outcome->moment_count == 0 ||
        (double)outcome->moments[0].total > ALWAYS * (double)outcome->watched) {
        return;
    }
    if (outcome->moment_count > 1) { /* more often elsewhere, perhaps, than on the whole */
        sim_text_add(when, "It moves: ");
    }
    for (uint32_t i = 0; i < outcome->moment_count && i < MOST_MOMENTS; i++) {
        say_moment(when, outcome, &outcome->moments[i], i > 0);
    }
    if ((double)calm >= LEAST_SHOWN * (double)outcome->watched) {
        sim_text_add(when, "; nowhere ");
        add_percent(when, (double)calm / (double)outcome->watched);
    }
    sim_text_add(when, ".");
}

/* The pools fill during the warm-up; while records from before its end are still served, what is
 * measured is the start. */
static void say_note(struct study_diagnosis *diagnosis, const struct study_outcome *outcome)
{
    const struct study_vertex *oldest = NULL;
    sim_time age = outcome->window_from;
    char text[32];

    for (uint32_t v = 0; v < outcome->spec->vertex_count; v++) {
        const struct study_vertex *vertex = &outcome->vertices[v];
        sim_time median = sim_histogram_quantile(vertex->latency, 0.5);
        double window = (double)(outcome->simulated - outcome->window_from);

        if (median > age && (double)median > MATTERS * window) {
            oldest = vertex;
            age = median;
        }
    }
    if (oldest != NULL) {
        sim_number_format_duration(text, sizeof text, age);
        sim_text_add(&diagnosis->note,
                     "half of the records that %s served were older than %s, which is longer than "
                     "the warm-up: the pools were still filling. Raise run.warmup and "
                     "run.duration.",
                     oldest->name, text);
    }
}

static void say_cause(struct study_diagnosis *diagnosis, const struct study_outcome *outcome)
{
    switch (diagnosis->cause) {
    case STUDY_CAUSE_NONE:
        say_nothing(diagnosis, outcome);
        return;
    case STUDY_CAUSE_SERVICE:
        say_service(diagnosis, outcome);
        break;
    case STUDY_CAUSE_SKEW:
        say_skew(diagnosis, outcome);
        break;
    case STUDY_CAUSE_BURSTS:
        say_bursts(diagnosis, outcome);
        break;
    case STUDY_CAUSE_CREDIT:
        say_credit(diagnosis, outcome);
        break;
    case STUDY_CAUSE_LINK:
        say_link(diagnosis, outcome);
        break;
    case STUDY_CAUSE_GLOBAL:
    case STUDY_CAUSE_CHANNEL:
    case STUDY_CAUSE_QUOTA:
        say_pool(diagnosis, outcome);
        break;
    }
    if (diagnosis->has_pressed) {
        say_limit(diagnosis, outcome);
        say_hard(diagnosis, outcome);
        say_stalled(diagnosis, outcome);
        if (diagnosis->cause == STUDY_CAUSE_CREDIT || diagnosis->cause == STUDY_CAUSE_LINK) {
            say_waits(diagnosis, outcome);
        }
    }
    say_late(diagnosis, outcome);
}

void study_advise(struct study_diagnosis *diagnosis, const struct study_outcome *outcome)
{
    say_cause(diagnosis, outcome);
    say_when(diagnosis, outcome);
    say_note(diagnosis, outcome);
}
