#include "studies/validate_error.h"

#include <math.h>
#include <string.h>

#include "models/sizing.h"

static const char beginning[] = "Insufficient number of network buffers: ";

enum {
    NUMBER_REQUIRED,
    NUMBER_AVAILABLE,
    NUMBER_TOTAL,
    NUMBER_SEGMENT,
    NUMBERS,
};

/* The numbers of a text, and the text with each as '#'. */
struct parsed {
    bool is_found;
    char shape[1024];
    double numbers[NUMBERS];
};

static void parse(const char *text, struct parsed *parsed)
{
    const char *at = strstr(text, beginning);
    size_t length = 0;
    size_t count = 0;

    *parsed = (struct parsed){.is_found = at != NULL};
    while (at != NULL && *at != '\0' && *at != '\n' && *at != '\r' &&
           length + 1 < sizeof parsed->shape) {
        double number = 0;

        if (*at < '0' || *at > '9') {
            parsed->shape[length++] = *at++;
            continue;
        }
        while (*at >= '0' && *at <= '9') {
            number = 10 * number + (*at++ - '0');
        }
        parsed->shape[length++] = '#';
        if (count < NUMBERS) {
            parsed->numbers[count++] = number;
        }
    }
    parsed->is_found = parsed->is_found && count == NUMBERS;
}

/* Whether some request of the job asks for so many: the pool of a partition or of a gate, or the
 * exclusive buffers of a channel. */
static bool is_request(const struct net_spec *spec, double required)
{
    if (required == (double)spec->config.buffers_per_channel) {
        return true;
    }
    for (uint32_t e = 0; e < spec->edge_count; e++) {
        const struct net_edge_spec *edge = &spec->edges[e];
        struct net_partition_size partition;
        struct net_gate_size gate;

        net_size_partition(&spec->config, NULL, NET_TYPE_PIPELINED_BOUNDED,
                           spec->vertices[edge->to].parallelism, &partition);
        if (required == (double)partition.required) {
            return true;
        }
        if (net_size_gate(&spec->config, NULL, NET_TYPE_PIPELINED_BOUNDED,
                          spec->vertices[edge->from].parallelism, &gate, NULL) &&
            required == (double)gate.floating_min) {
            return true;
        }
    }
    return false;
}

static bool is_legal(const struct net_spec *spec, const struct parsed *parsed)
{
    return parsed->is_found && is_request(spec, parsed->numbers[NUMBER_REQUIRED]) &&
           parsed->numbers[NUMBER_AVAILABLE] < parsed->numbers[NUMBER_REQUIRED];
}

/* Another error than too few buffers: its text must stand in error.txt. */
static size_t compare_other(const char *recorded, const struct study_seed *seeds,
                            uint32_t seed_count, struct study_error_check *check)
{
    uint32_t same = 0;

    for (uint32_t s = 0; s < seed_count; s++) {
        same += seeds[s].refusal[0] != '\0' && strstr(recorded, seeds[s].refusal) != NULL;
    }
    *check = (struct study_error_check){.metric = "error.text",
                                        .rule = "the same text",
                                        .is_good = same == seed_count,
                                        .recorded = 1,
                                        .mean = (double)same / seed_count,
                                        .least = same == seed_count ? 1 : 0,
                                        .most = same > 0 ? 1 : 0};
    return 1;
}

static void add_number(struct study_error_check *check, double value, uint32_t seed_count,
                       bool is_first)
{
    check->mean += value / seed_count;
    check->least = is_first ? value : fmin(check->least, value);
    check->most = is_first ? value : fmax(check->most, value);
}

size_t study_error_compare(const struct net_spec *spec, const char *recorded,
                           const struct study_seed *seeds, uint32_t seed_count,
                           struct study_error_check checks[STUDY_ERROR_CHECKS])
{
    static const char *const names[NUMBERS] = {"error.required", "error.available", "error.total",
                                               "error.segment_bytes"};
    struct parsed theirs;

    parse(recorded, &theirs);
    if (!theirs.is_found) {
        return compare_other(recorded, seeds, seed_count, &checks[0]);
    }
    checks[0] = (struct study_error_check){
        .metric = "error.text", .rule = "the same text", .is_good = true, .recorded = 1};
    for (size_t i = 0; i < NUMBERS; i++) {
        bool may_differ = i == NUMBER_REQUIRED || i == NUMBER_AVAILABLE;

        checks[i + 1] =
            (struct study_error_check){.metric = names[i],
                                       .rule = may_differ ? "a possible one" : "exact",
                                       .is_good = !may_differ || is_legal(spec, &theirs),
                                       .recorded = theirs.numbers[i]};
    }
    for (uint32_t s = 0; s < seed_count; s++) {
        struct parsed ours;

        parse(seeds[s].refusal, &ours);
        bool is_same = strcmp(ours.shape, theirs.shape) == 0;
        checks[0].is_good = checks[0].is_good && is_same;
        add_number(&checks[0], is_same ? 1 : 0, seed_count, s == 0);
        for (size_t i = 0; i < NUMBERS; i++) {
            bool may_differ = i == NUMBER_REQUIRED || i == NUMBER_AVAILABLE;
            bool is_good =
                may_differ ? is_legal(spec, &ours) : ours.numbers[i] == theirs.numbers[i];

            checks[i + 1].is_good = checks[i + 1].is_good && is_good;
            add_number(&checks[i + 1], ours.numbers[i], seed_count, s == 0);
        }
    }
    return STUDY_ERROR_CHECKS;
}
