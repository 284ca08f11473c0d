/*
 * The keys of a scenario, except Flink's own.
 */
#include "scenarios/reader/keys.h"

#include <math.h>

#include "models/spec.h"

#define TOP(field) offsetof(struct net_spec, field)
#define VERTEX(field) offsetof(struct net_vertex_spec, field)
#define SOURCE(field) offsetof(struct net_source_spec, field)
#define SERVICE(field) offsetof(struct net_service_spec, field)

#define TIME_HIGH 1e18
#define BYTES_HIGH 1e15
#define NUMBER_HIGH 1e12
#define SEED_HIGH 9223372036854775807.0
#define RECORD_HIGH 1073741824.0

#define NOWHERE SCN_STORE_NOWHERE, 0
#define MAP SCN_MAP, NOWHERE, 0, 0
#define LIST SCN_LIST, NOWHERE, 0, 0

/* clang-format off */
const struct scn_key scn_scenario_keys[] = {
    {SCN_TOP, "name", SCN_STRING, SCN_STORE_STRING, TOP(name), 0, 0,
     .help = "name of the scenario; that of the file when not given"},
    {SCN_TOP, "description", SCN_STRING, SCN_STORE_STRING, TOP(description), 0, 0,
     .fallback = "", .help = "one line about it"},
    {SCN_TOP, "flink-version", SCN_CHOICE, SCN_STORE_U32, TOP(config.version), 0, 0,
     .choices = "1.20|2.2", .fallback = "1.20", .help = "whose rules and defaults hold"},
    {SCN_TOP, "transport", SCN_CHOICE, SCN_STORE_U32, TOP(config.transport), 0, 0,
     .choices = "credit|tcp", .fallback = "credit",
     .help = "credit-based flow control, or TCP back pressure as before it"},
    {SCN_TOP, "cluster", MAP, .child = SCN_CLUSTER, .help = "task managers, slots and links"},
    {SCN_TOP, "flink", MAP, .child = SCN_FLINK, .help = "Flink's configuration, keys verbatim"},
    {SCN_TOP, "job", MAP, .child = SCN_JOB, .is_required = true, .help = "the job graph"},
    {SCN_TOP, "run", MAP, .child = SCN_RUN, .is_required = true, .help = "what is run and recorded"},
    {SCN_TOP, "study", SCN_CHOICE, SCN_STORE_BOOL, TOP(run.is_terminating), 0, 0,
     .choices = "steady|terminating", .fallback = "steady",
     .help = "steady: what holds after the warm-up; terminating: from the start to the end"},
    {SCN_TOP, "thresholds", LIST, .child = SCN_THRESHOLD, .help = "what must hold; exit status 4 where it does not"},
    {SCN_TOP, "machine", MAP, .child = SCN_MACHINE,
     .help = "what a machine adds; measured once, not meant to be tuned"},

    {SCN_CLUSTER, "taskmanagers", SCN_INT, SCN_STORE_U32, TOP(cluster.taskmanagers), 1, NET_MAX_TASKMANAGERS,
     .limit = "the limit of a cluster", .fallback = "1", .help = "number of task managers"},
    {SCN_CLUSTER, "slots-per-taskmanager", SCN_INT, SCN_STORE_U32, TOP(cluster.slots), 1, NET_MAX_SUBTASKS,
     .fallback = "1", .help = "slots of each"},
    {SCN_CLUSTER, "cores-per-taskmanager", SCN_NUMBER, SCN_STORE_DOUBLE, TOP(cluster.cores), 0, NET_MAX_SUBTASKS,
     .fallback = "0", .help = "cores of each, to warn where more tasks are busy than that (tasks do not wait for a core); 0: not told"},
    {SCN_CLUSTER, "slot-sharing", SCN_BOOL, SCN_STORE_BOOL, TOP(cluster.has_slot_sharing), 0, 1,
     .fallback = "true", .help = "a slot takes one subtask of each vertex; false: one subtask"},
    {SCN_CLUSTER, "mini-cluster", SCN_BOOL, SCN_STORE_BOOL, TOP(config.memory.is_local_execution), 0, 1,
     .fallback = "false", .help = "local execution: 64m of network memory unless set otherwise"},
    {SCN_CLUSTER, "link", MAP, .child = SCN_LINK, .help = "every link between two task managers"},
    {SCN_CLUSTER, "nic", MAP, .child = SCN_NIC, .help = "network interface of each task manager, shared by its links"},
    {SCN_CLUSTER, "pauses", LIST, .child = SCN_PAUSE, .help = "stops of tasks: a garbage collection, a slow flush"},
    {SCN_CLUSTER, "links", LIST, .child = SCN_LINK_PAIR, .help = "exceptions for pairs of task managers, one way"},

    {SCN_LINK, "bandwidth", SCN_BANDWIDTH, SCN_STORE_DOUBLE, TOP(cluster.link.bytes_per_second), 1, BYTES_HIGH,
     .fallback = "10Gbit/s", .help = "bandwidth, one way"},
    {SCN_LINK, "latency", SCN_DURATION, SCN_STORE_I64, TOP(cluster.link.latency), 0, TIME_HIGH,
     .fallback = "0.1ms", .help = "latency, one way"},

    {SCN_LINK, "jitter", MAP, .child = SCN_DISTRIBUTION, .help = "beside the latency of each message: a distribution of durations"},
    {SCN_LINK, "slow", LIST, .child = SCN_SLOW, .help = "times with a part of the bandwidth; 0: it stands still"},

    {SCN_NIC, "send", SCN_BANDWIDTH, SCN_STORE_DOUBLE, TOP(cluster.nic.send), 1, BYTES_HIGH,
     .help = "what it can send in all; no limit when not given"},
    {SCN_NIC, "receive", SCN_BANDWIDTH, SCN_STORE_DOUBLE, TOP(cluster.nic.receive), 1, BYTES_HIGH,
     .help = "what it can receive in all; no limit when not given"},

    {SCN_LINK_PAIR, "from", SCN_INT, SCN_STORE_U32, offsetof(struct net_link_override, from), 0, NET_MAX_TASKMANAGERS - 1,
     .is_required = true, .help = "task manager that sends, from 0"},
    {SCN_LINK_PAIR, "to", SCN_INT, SCN_STORE_U32, offsetof(struct net_link_override, to), 0, NET_MAX_TASKMANAGERS - 1,
     .is_required = true, .help = "task manager that receives"},
    {SCN_LINK_PAIR, "bandwidth", SCN_BANDWIDTH, SCN_STORE_DOUBLE, offsetof(struct net_link_override, link.bytes_per_second), 1, BYTES_HIGH,
     .help = "bandwidth; that of `link` when not given"},
    {SCN_LINK_PAIR, "latency", SCN_DURATION, SCN_STORE_I64, offsetof(struct net_link_override, link.latency), 0, TIME_HIGH,
     .help = "latency; that of `link` when not given"},
    {SCN_LINK_PAIR, "jitter", MAP, .child = SCN_DISTRIBUTION, .help = "jitter; that of `link` when not given"},
    {SCN_LINK_PAIR, "slow", LIST, .child = SCN_SLOW, .help = "slow times; those of `link` when not given"},

#define WINDOW(group, field)                                                                                   \
    {group, "at", SCN_DURATION, SCN_STORE_I64, offsetof(field, window.at), 0, TIME_HIGH, .fallback = "0s",      \
     .help = "when it begins for the first time"},                                                             \
    {group, "for", SCN_DURATION, SCN_STORE_I64, offsetof(field, window.length), 1, TIME_HIGH,                   \
     .is_required = true, .help = "how long it takes"},                                                        \
    {group, "every", SCN_DURATION, SCN_STORE_I64, offsetof(field, window.every), 1, TIME_HIGH,                  \
     .help = "from one beginning to the next, longer than `for`; once when not given"}

    WINDOW(SCN_SLOW, struct net_link_phase),
    {SCN_SLOW, "factor", SCN_NUMBER, SCN_STORE_DOUBLE, offsetof(struct net_link_phase, factor), 0, 1,
     .is_required = true, .help = "of the bandwidth"},

    WINDOW(SCN_PAUSE, struct net_pause_spec),
#undef WINDOW
    {SCN_PAUSE, "taskmanager", SCN_INT, SCN_STORE_U32, offsetof(struct net_pause_spec, taskmanager), 0, NET_MAX_TASKMANAGERS - 1,
     .help = "whose tasks stop; all when not given"},
    {SCN_PAUSE, "vertex", SCN_STRING, NOWHERE, 0, 0, .help = "name of the vertex that stops; all when not given"},
    {SCN_PAUSE, "subtask", SCN_INT, SCN_STORE_U32, offsetof(struct net_pause_spec, subtask), 0, NET_MAX_SUBTASKS - 1,
     .help = "with `vertex`: the subtask that stops, from 0; all when not given"},

    {SCN_JOB, "vertices", LIST, .child = SCN_VERTEX, .is_required = true, .help = "the vertices"},
    {SCN_JOB, "edges", LIST, .child = SCN_EDGE, .is_required = true,
     .help = "the edges; those into a vertex make its gates, in this order"},

    {SCN_VERTEX, "name", SCN_STRING, SCN_STORE_STRING, VERTEX(name), 0, 0, .is_required = true,
     .help = "name of the vertex, unique"},
    {SCN_VERTEX, "parallelism", SCN_INT, SCN_STORE_U32, VERTEX(parallelism), 1, NET_MAX_SUBTASKS,
     .limit = "the limit of subtasks in a job", .fallback = "1", .help = "number of subtasks"},
    {SCN_VERTEX, "taskmanager", SCN_INT, SCN_STORE_U32, VERTEX(taskmanager), 0, NET_MAX_TASKMANAGERS - 1,
     .help = "where all its subtasks are, from 0; otherwise slots are filled in order"},
    {SCN_VERTEX, "source", MAP, .child = SCN_SOURCE, .help = "it is a source"},
    {SCN_VERTEX, "process", MAP, .child = SCN_PROCESS, .help = "it is an operator; a sink when no edge leaves it"},

    {SCN_SOURCE, "rate", SCN_RATE, NOWHERE, 0, NUMBER_HIGH,
     .help = "records per second of each subtask, or `unlimited`"},
    {SCN_SOURCE, "phases", LIST, .child = SCN_RATE_PHASE, .help = "instead of `rate`: a cycle of rates from t = 0 on"},
    {SCN_SOURCE, "trace", MAP, .child = SCN_TRACE, .help = "instead of `rate`: recorded rates, which begin again at their end"},
    {SCN_SOURCE, "arrivals", SCN_CHOICE, SCN_STORE_BOOL, SOURCE(is_poisson), 0, 0,
     .choices = "constant|poisson", .fallback = "constant", .help = "gaps between records: equal or exponential"},
    {SCN_SOURCE, "catch-up", SCN_BOOL, SCN_STORE_BOOL, SOURCE(catches_up), 0, 1,
     .fallback = "false", .help = "what became due under back pressure is emitted at once later"},
    {SCN_SOURCE, "record-size", SCN_RECORD_SIZES, NOWHERE, 17, RECORD_HIGH, .child = SCN_DISTRIBUTION, .is_required = true,
     .help = "bytes of a record in network buffers (17 of them are overhead)"},
    {SCN_SOURCE, "keys", MAP, .child = SCN_KEYS, .help = "keys of the records; without it all have key 0"},
    {SCN_SOURCE, "records", SCN_COUNT, SCN_STORE_U64, SOURCE(records), 0, 1e15,
     .fallback = "0", .help = "of each subtask, then it ends; 0: without end"},
    {SCN_SOURCE, "seed", SCN_INT, SCN_STORE_U64, SOURCE(seed), 0, SEED_HIGH,
     .fallback = "1", .help = "mixed with the seed of the run"},

    {SCN_RATE_PHASE, "for", SCN_DURATION, SCN_STORE_I64, offsetof(struct net_rate_phase, length), 1, TIME_HIGH,
     .is_required = true, .help = "length of the phase"},
    {SCN_RATE_PHASE, "rate", SCN_RATE, SCN_STORE_DOUBLE, offsetof(struct net_rate_phase, per_second), 0, NUMBER_HIGH,
     .is_required = true, .help = "records per second of each subtask, `unlimited`, or 0"},

    {SCN_TRACE, "file", SCN_STRING, NOWHERE, 0, 0, .is_required = true,
     .help = "CSV file beside the scenario: a time in seconds and the rate from then on, one a line; the last lasts as long as the one before"},
    {SCN_TRACE, "factor", SCN_NUMBER, NOWHERE, 1e-9, 1e9, .fallback = "1",
     .help = "of every rate: 0.25 when the file tells the sum of four subtasks"},

    {SCN_KEYS, "count", SCN_COUNT, SCN_STORE_U32, offsetof(struct net_keys_spec, count), 1, 10000000,
     .is_required = true, .help = "number of keys"},
    {SCN_KEYS, "zipf", SCN_NUMBER, SCN_STORE_DOUBLE, offsetof(struct net_keys_spec, zipf), 0, 100,
     .fallback = "0", .help = "skew: key k has weight 1 / (k + 1)^zipf"},

    {SCN_PROCESS, "service", MAP, .child = SCN_SERVICE, .help = "time that a record takes; none when not given"},
    {SCN_PROCESS, "selectivity", SCN_NUMBER, NOWHERE, 0, 1e6,
     .fallback = "1", .help = "records out per record in, as a running sum"},
    {SCN_PROCESS, "record-size", SCN_RECORD_SIZES, NOWHERE, 17, RECORD_HIGH, .child = SCN_DISTRIBUTION, .fallback = "29B",
     .help = "bytes in network buffers of a record that it emits"},
    {SCN_PROCESS, "connect", SCN_BOOL, SCN_STORE_BOOL, VERTEX(is_connect), 0, 1,
     .fallback = "false", .help = "two inputs, read in turn, instead of a union"},
    {SCN_PROCESS, "by-input", LIST, .child = SCN_INPUT, .help = "with `connect`: service and selectivity of each input"},
    {SCN_PROCESS, "emit", MAP, .child = SCN_EMIT, .help = "records emitted by a timer"},

    {SCN_INPUT, "service", MAP, .child = SCN_SERVICE, .help = "time that a record of this input takes"},
    {SCN_INPUT, "selectivity", SCN_NUMBER, SCN_STORE_DOUBLE, SERVICE(selectivity), 0, 1e6,
     .fallback = "1", .help = "records out per record of this input"},

#define DISTRIBUTION(group)                                                                                    \
    {group, "constant", SCN_QUANTITY, NOWHERE, 0, TIME_HIGH, .help = "always this"},                             \
    {group, "exponential", SCN_QUANTITY, NOWHERE, 0, TIME_HIGH, .help = "exponential with this mean"},           \
    {group, "uniform", SCN_QUANTITIES, NOWHERE, 0, TIME_HIGH, .help = "uniform in [low, high]"},                 \
    {group, "gamma", MAP, .child = SCN_MEAN_CV, .help = "gamma"},                                              \
    {group, "lognormal", MAP, .child = SCN_MEAN_CV, .help = "log-normal"},                                     \
    {group, "weibull", MAP, .child = SCN_SCALE_SHAPE, .help = "Weibull"},                                      \
    {group, "pareto", MAP, .child = SCN_MIN_TAIL, .help = "Pareto"},                                           \
    {group, "discrete", MAP, .child = SCN_DISCRETE, .help = "a few values with weights"},                      \
    {group, "empirical", MAP, .child = SCN_EMPIRICAL, .help = "measured values, each as likely"}

    DISTRIBUTION(SCN_SERVICE),
    {SCN_SERVICE, "factor", SCN_NUMBERS, NOWHERE, 0, 1e6, .help = "a factor for each subtask"},
    {SCN_SERVICE, "phases", LIST, .child = SCN_FACTOR_PHASE, .help = "a cycle of factors from t = 0 on"},
    {SCN_SERVICE, "changes", LIST, .child = SCN_FACTOR_CHANGE, .help = "a factor from a point in time on, until the next"},
    {SCN_SERVICE, "seed", SCN_INT, SCN_STORE_U64, SERVICE(seed), 0, SEED_HIGH,
     .fallback = "1", .help = "mixed with the seed of the run"},

    {SCN_FACTOR_PHASE, "for", SCN_DURATION, SCN_STORE_I64, offsetof(struct net_factor_phase, length), 1, TIME_HIGH,
     .is_required = true, .help = "length of the phase"},
    {SCN_FACTOR_PHASE, "factor", SCN_NUMBER, SCN_STORE_DOUBLE, offsetof(struct net_factor_phase, factor), 0, 1e6,
     .is_required = true, .help = "factor of the service time"},

    {SCN_FACTOR_CHANGE, "at", SCN_DURATION, SCN_STORE_I64, offsetof(struct net_factor_change, at), 0, TIME_HIGH,
     .is_required = true, .help = "when; later than the one before"},
    {SCN_FACTOR_CHANGE, "factor", SCN_NUMBER, SCN_STORE_DOUBLE, offsetof(struct net_factor_change, factor), 0, 1e6,
     .is_required = true, .help = "factor of the service time"},

    {SCN_EMIT, "every", SCN_DURATION, SCN_STORE_I64, offsetof(struct net_emit_spec, every), 1, TIME_HIGH,
     .is_required = true, .help = "period of the timer"},
    {SCN_EMIT, "records", SCN_COUNT, SCN_STORE_U32, offsetof(struct net_emit_spec, records), 0, 10000000,
     .is_required = true, .help = "records of each subtask at a time, keys 0, 1, ..."},

    DISTRIBUTION(SCN_DISTRIBUTION),
#undef DISTRIBUTION

    {SCN_MEAN_CV, "mean", SCN_QUANTITY, SCN_STORE_DOUBLE, offsetof(struct sim_dist, a), 0, TIME_HIGH,
     .is_required = true, .help = "mean"},
    {SCN_MEAN_CV, "cv", SCN_NUMBER, SCN_STORE_DOUBLE, offsetof(struct sim_dist, b), 0, 1000,
     .is_required = true, .help = "standard deviation as a part of the mean"},
    {SCN_SCALE_SHAPE, "scale", SCN_QUANTITY, SCN_STORE_DOUBLE, offsetof(struct sim_dist, a), 0, TIME_HIGH,
     .is_required = true, .help = "scale"},
    {SCN_SCALE_SHAPE, "shape", SCN_NUMBER, SCN_STORE_DOUBLE, offsetof(struct sim_dist, b), 0.01, 1000,
     .is_required = true, .help = "shape"},
    {SCN_MIN_TAIL, "min", SCN_QUANTITY, SCN_STORE_DOUBLE, offsetof(struct sim_dist, a), 0, TIME_HIGH,
     .is_required = true, .help = "smallest value"},
    {SCN_MIN_TAIL, "tail", SCN_NUMBER, SCN_STORE_DOUBLE, offsetof(struct sim_dist, b), 0.01, 1000,
     .is_required = true, .help = "tail index; above 1 for a finite mean"},
    {SCN_DISCRETE, "values", SCN_QUANTITIES, NOWHERE, 0, TIME_HIGH, .is_required = true, .help = "the values"},
    {SCN_DISCRETE, "weights", SCN_NUMBERS, NOWHERE, 0, NUMBER_HIGH, .is_required = true, .help = "weight of each"},
    {SCN_EMPIRICAL, "file", SCN_STRING, NOWHERE, 0, 0,
     .help = "CSV file beside the scenario, one number a line in the first column"},
    {SCN_EMPIRICAL, "unit", SCN_CHOICE, NOWHERE, 0, 0, .choices = "ns|us|ms|s|B",
     .help = "of the numbers in the file; ms for durations and B for sizes when not given"},
    {SCN_EMPIRICAL, "values", SCN_QUANTITIES, NOWHERE, 0, TIME_HIGH, .help = "instead of a file: the values"},

    {SCN_THRESHOLD, "metric", SCN_STRING, SCN_STORE_STRING, offsetof(struct net_threshold_spec, metric), 0, 0,
     .is_required = true, .help = "what is measured, as in `sink.numRecordsIn.rate`"},
    {SCN_THRESHOLD, "at-least", SCN_STRING, SCN_STORE_STRING, offsetof(struct net_threshold_spec, at_least), 0, 0,
     .help = "lowest value: a rate, a duration, a percentage or a number"},
    {SCN_THRESHOLD, "at-most", SCN_STRING, SCN_STORE_STRING, offsetof(struct net_threshold_spec, at_most), 0, 0,
     .help = "highest value"},

    {SCN_EDGE, "from", SCN_STRING, NOWHERE, 0, 0, .is_required = true, .help = "vertex that writes"},
    {SCN_EDGE, "to", SCN_STRING, NOWHERE, 0, 0, .is_required = true, .help = "vertex that reads"},
    {SCN_EDGE, "partition", SCN_PARTITIONER, SCN_STORE_U32, offsetof(struct net_edge_spec, partition), 0, 0,
     .choices = "forward|rebalance|rescale|hash|broadcast", .child = SCN_PARTITION, .is_required = true,
     .help = "how records are spread over the channels"},
    {SCN_EDGE, "chain", SCN_BOOL, SCN_STORE_BOOL, offsetof(struct net_edge_spec, is_chained), 0, 1,
     .fallback = "false", .help = "with `forward`: both vertices in one task"},

    {SCN_PARTITION, "weights", SCN_NUMBERS, NOWHERE, 0, NUMBER_HIGH, .is_required = true,
     .help = "smooth weighted round robin: a weight for each subtask that reads"},

    {SCN_RUN, "duration", SCN_DURATION, SCN_STORE_I64, TOP(run.duration), 1, TIME_HIGH, .is_required = true,
     .help = "simulated time"},
    {SCN_RUN, "warmup", SCN_DURATION, SCN_STORE_I64, TOP(run.warmup), 0, TIME_HIGH, .fallback = "0s",
     .help = "left out of the summary; where it is not given, it is found by MSER-5"},
    {SCN_RUN, "sample", SCN_DURATION, SCN_STORE_I64, TOP(run.sample), 1, TIME_HIGH, .fallback = "500ms",
     .help = "interval of the series"},
    {SCN_RUN, "seed", SCN_INT, SCN_STORE_U64, TOP(run.seed), 0, SEED_HIGH, .fallback = "1",
     .help = "of all random numbers"},
    {SCN_RUN, "until", MAP, .child = SCN_UNTIL, .help = "with `study: terminating`: what ends the run before `duration`"},
    {SCN_RUN, "channels", SCN_BOOL, SCN_STORE_BOOL, TOP(run.has_channels), 0, 1, .fallback = "false",
     .help = "record the queue of every channel"},
    {SCN_RUN, "expect", SCN_CHOICE, SCN_STORE_BOOL, TOP(run.expects_failure), 0, 0, .choices = "success|failure",
     .fallback = "success", .help = "failure: the job is meant not to start"},

    {SCN_UNTIL, "records", SCN_COUNT, SCN_STORE_U64, TOP(run.until_records), 0, 1e15, .fallback = "0",
     .help = "the sinks have taken so many records, all together; 0: it does not matter"},
    {SCN_UNTIL, "drained", SCN_BOOL, SCN_STORE_BOOL, TOP(run.until_drained), 0, 1, .fallback = "false",
     .help = "all sources have ended (`records`), and the last record was served"},

    {SCN_MACHINE, "jitter", SCN_NUMBER, SCN_STORE_DOUBLE, TOP(machine.jitter), 0, 1, .fallback = "1",
     .help = "random share of wake-ups and hand-overs, the rest of each is the least it takes: 1 exponential, 0 always the same"},
    {SCN_MACHINE, "wake-up", SCN_DURATION, SCN_STORE_I64, TOP(machine.wakeup), 0, TIME_HIGH, .fallback = "0.12ms",
     .help = "wake-up of a waiting task"},
    {SCN_MACHINE, "timer-lateness", SCN_DURATION, SCN_STORE_I64, TOP(machine.timer_lateness), 0, TIME_HIGH, .fallback = "0.11ms",
     .help = "lateness of a timer or sleep"},
    {SCN_MACHINE, "handover", SCN_DURATION, SCN_STORE_I64, TOP(machine.handover), 0, TIME_HIGH, .fallback = "0.09ms",
     .help = "hand-over of a notification to an event loop"},
    {SCN_MACHINE, "record-cpu", SCN_DURATION, SCN_STORE_I64, TOP(machine.record_cpu), 0, TIME_HIGH, .fallback = "1.5us",
     .help = "CPU of a record, inside its service"},
    {SCN_MACHINE, "source-delay", SCN_DURATION, SCN_STORE_I64, TOP(machine.source_delay), 0, TIME_HIGH, .fallback = "40ms",
     .help = "start delay of a source's subtask: uniform from 0 to this"},
    {SCN_MACHINE, "operator-delay", SCN_DURATION, SCN_STORE_I64, TOP(machine.operator_delay), 0, TIME_HIGH, .fallback = "20ms",
     .help = "delay of an operator's first service: exponential, the mean"},
    {SCN_MACHINE, "connection-delay", SCN_DURATION, SCN_STORE_I64, TOP(machine.connection_delay), 0, TIME_HIGH, .fallback = "100ms",
     .help = "delay of the first message between two task managers: uniform from 0 to this"},
    {SCN_MACHINE, "channel-delay", SCN_DURATION, SCN_STORE_I64, TOP(machine.channel_delay), 0, TIME_HIGH, .fallback = "20ms",
     .help = "delay of a channel's first message, beside that: exponential, the mean"},
    {SCN_MACHINE, "phase-spread", SCN_DURATION, SCN_STORE_I64, TOP(machine.phase_spread), 0, TIME_HIGH, .fallback = "30ms",
     .help = "spread of flushers and timers about the phase of the job"},
    {SCN_MACHINE, "socket-buffer", SCN_SIZE, SCN_STORE_I64, TOP(machine.socket_bytes), 0, BYTES_HIGH, .fallback = "0B",
     .help = "bytes that the sockets of a connection absorb"},
    {SCN_MACHINE, "checkpoint-rpc", SCN_DURATION, SCN_STORE_I64, TOP(machine.checkpoint_rpc), 0, TIME_HIGH, .fallback = "4ms",
     .help = "time that a checkpoint's trigger takes to a source, and an acknowledgement back"},
    {SCN_MACHINE, "barrier-delay", SCN_DURATION, SCN_STORE_I64, TOP(machine.barrier_delay), 0, TIME_HIGH, .fallback = "3ms",
     .help = "time that a task takes until its own barrier leaves"},
    {SCN_MACHINE, "state-latency", SCN_DURATION, SCN_STORE_I64, TOP(machine.state_latency), 0, TIME_HIGH, .fallback = "4ms",
     .help = "time that it takes to close a file of a checkpoint's buffers in flight"},
    {SCN_MACHINE, "state-bandwidth", SCN_BANDWIDTH, SCN_STORE_DOUBLE, TOP(machine.state_bytes_per_second), 1, BYTES_HIGH, .fallback = "10Gbit/s",
     .help = "upload of checkpoint state"},
};
/* clang-format on */

const size_t scn_scenario_key_count = sizeof(scn_scenario_keys) / sizeof(scn_scenario_keys[0]);
