#include "models/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/compiler.h"

#define KIBI INT64_C(1024)
#define MEBI (KIBI * KIBI)
#define MIN_SEGMENT_SIZE 4096
#define LOCAL_NETWORK_SIZE (64 * MEBI) /* MEM-10 */
#define LOCAL_MANAGED_SIZE (128 * MEBI)
#define LOCAL_TASK_SIZE (1024 * 1024 * MEBI)

/* digits / 10^scale, scale at least 0 */
struct decimal {
    uint64_t digits;
    int scale;
};

/* The shortest decimal that reads back as the same double, as Java prints it. Not negative. */
static struct decimal decimal_of(double value)
{
    char text[40];
    for (int precision = 0; precision <= 16; precision++) {
        snprintf(text, sizeof text, "%.*e", precision, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    struct decimal result = {0, 0};
    const char *at = text;
    bool is_behind_point = false;
    for (; *at != 'e'; at++) {
        if (*at < '0' || *at > '9') {
            is_behind_point = true;
            continue;
        }
        result.digits = result.digits * 10 + (uint64_t)(*at - '0');
        result.scale += is_behind_point;
    }
    result.scale -= (int)strtol(at + 1, NULL, 10);
    for (; result.scale < 0; result.scale++) {
        result.digits *= 10;
    }
    return result;
}

#define PRODUCT_DIGITS 40 /* 19 of a size times 20 of a factor, and one to carry into */

static int split_digits(uint64_t value, unsigned *digits)
{
    int count = 0;
    for (; value > 0; value /= 10) {
        digits[count++] = (unsigned)(value % 10);
    }
    return count;
}

/* MEM-6: by hand, digit by digit, for no integer type of C11 is wide enough. */
bool net_memory_multiply(int64_t size, double factor, int64_t *product)
{
    struct decimal decimal = decimal_of(factor);
    unsigned left[PRODUCT_DIGITS], right[PRODUCT_DIGITS];
    unsigned result[PRODUCT_DIGITS] = {0};
    int left_count = split_digits((uint64_t)size, left);
    int right_count = split_digits(decimal.digits, right);
    for (int i = 0; i < left_count; i++) {
        unsigned carry = 0;
        for (int j = 0; j < right_count || carry > 0; j++) {
            unsigned sum = result[i + j] + carry + (j < right_count ? left[i] * right[j] : 0);
            result[i + j] = sum % 10;
            carry = sum / 10;
        }
    }
    uint64_t whole = 0;
    for (int i = PRODUCT_DIGITS - 1; i >= decimal.scale; i--) {
        if (whole > ((uint64_t)INT64_MAX - result[i]) / 10) {
            return false;
        }
        whole = whole * 10 + result[i];
    }
    *product = (int64_t)whole;
    return true;
}

void net_memory_format(char *buffer, size_t size, int64_t bytes)
{
    static const char *const units[] = {"bytes", "kb", "mb", "gb", "tb"};
    int unit = 0;
    int64_t multiplier = 1;
    while (unit < 4 && bytes > multiplier * KIBI) {
        multiplier *= KIBI;
        unit++;
    }
    if (unit == 0) {
        snprintf(buffer, size, "%lld bytes", (long long)bytes);
        return;
    }
    /* Java rounds the shortest decimal, half up; printf would round the binary number. */
    struct decimal decimal = decimal_of((double)bytes / (double)multiplier);
    uint64_t thousandths = decimal.digits;
    for (; decimal.scale < 3; decimal.scale++) {
        thousandths *= 10;
    }
    uint64_t divisor = 1;
    for (; decimal.scale > 3; decimal.scale--) {
        divisor *= 10;
    }
    thousandths = (thousandths + divisor / 2) / divisor;
    snprintf(buffer, size, "%llu.%03llu%s (%lld bytes)", (unsigned long long)(thousandths / 1000),
             (unsigned long long)(thousandths % 1000), units[unit], (long long)bytes);
}

/* A size as Flink's messages spell it, good as an argument of printf. */
struct spelled {
    char text[64];
};

static struct spelled spell(int64_t bytes)
{
    struct spelled result;
    net_memory_format(result.text, sizeof result.text, bytes);
    return result;
}

/* Java's spelling of a double: "0.1", "2.0", "1.0E-4". */
static struct spelled spell_double(double value)
{
    double size = value < 0.0 ? -value : value;
    bool is_plain = size == 0.0 || (size >= 1e-3 && size < 1e7);
    struct spelled result;
    char text[48];
    for (int precision = 1; precision <= 20; precision++) {
        snprintf(text, sizeof text, is_plain ? "%.*f" : "%.*e", precision, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    char *exponent = strchr(text, 'e');
    if (exponent == NULL) {
        snprintf(result.text, sizeof result.text, "%s", text);
        return result;
    }
    *exponent = '\0';
    snprintf(result.text, sizeof result.text, "%sE%ld", text, strtol(exponent + 1, NULL, 10));
    return result;
}

static bool fail(struct sim_err *err, const char *format, ...) SIM_PRINTF(2, 3);

static bool fail(struct sim_err *err, const char *format, ...)
{
    char text[900];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return sim_err_set_at(err, SIM_ERR_INPUT, "IllegalConfigurationException", 0, 0,
                          "TaskManager memory configuration failed: %s", text);
}

static bool overflow(struct sim_err *err)
{
    return sim_err_set_at(err, SIM_ERR_INPUT, "ArithmeticException", 0, 0, "long overflow");
}

static bool add_up(const int64_t *sizes, int count, int64_t *sum, struct sim_err *err)
{
    int64_t result = 0;
    for (int i = 0; i < count; i++) {
        if (sizes[i] > INT64_MAX - result) {
            return overflow(err);
        }
        result += sizes[i];
    }
    *sum = result;
    return true;
}

/* A share of something else, within limits. */
struct range {
    const char *option; /* its key, its default and its aliases, as Flink's messages have them */
    double fraction;
    int64_t min;
    int64_t max;
};

/* MEM-7 */
static bool check_range(const struct range *range, struct sim_err *err)
{
    if (range->min <= range->max && range->fraction >= 0.0 && range->fraction < 1.0) {
        return true;
    }
    return fail(err, "Inconsistently configured %s (%s) and its min (%s), max (%s) value",
                range->option, spell_double(range->fraction).text, spell(range->min).text,
                spell(range->max).text);
}

static struct range network_range(const struct net_memory_config *config)
{
    return (struct range){
        .option = "Key: 'taskmanager.memory.network.fraction' , default: 0.1 (fallback keys: "
                  "[{key=taskmanager.network.memory.fraction, isDeprecated=true}])",
        .fraction = config->network_fraction,
        .min = config->network_min,
        .max = config->network_max,
    };
}

static struct range overhead_range(const struct net_memory_config *config)
{
    return (struct range){
        .option = "Key: 'taskmanager.memory.jvm-overhead.fraction' , default: 0.1 (fallback keys: "
                  "[])",
        .fraction = config->jvm_overhead_fraction,
        .min = config->jvm_overhead_min,
        .max = config->jvm_overhead_max,
    };
}

/* A share of `base`, or with is_inverse of base and the share together (MEM-5, MEM-6). */
static bool share(const struct range *range, int64_t base, bool is_inverse, int64_t *size,
                  enum net_memory_bound *bound, struct sim_err *err)
{
    if (!check_range(range, err)) {
        return false;
    }
    double factor = is_inverse ? range->fraction / (1.0 - range->fraction) : range->fraction;
    if (!net_memory_multiply(base, factor, size)) {
        return overflow(err);
    }
    *bound = NET_BOUND_FRACTION;
    if (*size > range->max) {
        *size = range->max;
        *bound = NET_BOUND_MAX;
    } else if (*size < range->min) {
        *size = range->min;
        *bound = NET_BOUND_MIN;
    }
    return true;
}

/* CFG-2 */
static bool has_count(const struct net_config *config)
{
    const struct net_memory_config *memory = &config->memory;
    return config->version == NET_FLINK_1_20 && memory->number_of_buffers != NET_UNSET &&
           !memory->network_fraction_is_set && !memory->network_min_is_set &&
           !memory->network_max_is_set;
}

static bool check_segment_size(int64_t size, struct sim_err *err)
{
    /* MEM-8 */
    const char *reason = NULL;
    if (size < MIN_SEGMENT_SIZE) {
        reason = "Minimum memory segment size is 4096";
    } else if ((size & (size - 1)) != 0) {
        reason = "Memory segment size must be a power of 2.";
    }
    return reason == NULL ||
           sim_err_set_at(err, SIM_ERR_INPUT, "IllegalConfigurationException", 0, 0,
                          "Invalid configuration value for taskmanager.memory.segment-size : "
                          "%lld - %s",
                          (long long)size, reason);
}

static bool network_by_count(const struct net_config *config, struct net_memory *memory,
                             struct sim_err *err)
{
    int64_t segment = config->memory.segment_size;
    if (!check_segment_size(segment, err)) {
        return false;
    }
    if (config->memory.number_of_buffers > INT64_MAX / segment) {
        return overflow(err);
    }
    memory->network = config->memory.number_of_buffers * segment;
    memory->network_bound = NET_BOUND_COUNT;
    return true;
}

/* The network memory is what all others leave of `flink`; it must lie within its limits. */
static bool network_by_rest(const struct net_config *config, int64_t others,
                            struct net_memory *memory, struct sim_err *err)
{
    if (others > memory->flink) {
        return fail(err,
                    "Sum of configured Framework Heap Memory (%s), Framework Off-Heap Memory (%s), "
                    "Task Heap Memory (%s), Task Off-Heap Memory (%s) and Managed Memory (%s) "
                    "exceed configured Total Flink Memory (%s).",
                    spell(memory->framework_heap).text, spell(memory->framework_off_heap).text,
                    spell(memory->task_heap).text, spell(memory->task_off_heap).text,
                    spell(memory->managed).text, spell(memory->flink).text);
    }
    memory->network = memory->flink - others;
    memory->network_bound = NET_BOUND_REST;
    bool is_consistent;
    if (has_count(config)) {
        struct net_memory counted = {0};
        if (!network_by_count(config, &counted, err)) {
            return false;
        }
        is_consistent = counted.network == memory->network;
    } else {
        struct range range = network_range(&config->memory);
        is_consistent = check_range(&range, NULL) && memory->network >= range.min &&
                        memory->network <= range.max;
    }
    return is_consistent ||
           fail(err, "If Total Flink, Task Heap and (or) Managed Memory sizes are explicitly "
                     "configured then the Network Memory size is the rest of the Total Flink "
                     "memory after subtracting all other configured types of memory, but the "
                     "derived Network Memory is inconsistent with its configuration.");
}

/* The task heap is what all others leave of `flink`. */
static bool task_heap_by_rest(struct net_memory *memory, struct sim_err *err)
{
    int64_t others = 0;
    const int64_t sizes[] = {memory->framework_heap, memory->framework_off_heap,
                             memory->task_off_heap, memory->managed, memory->network};
    if (!add_up(sizes, 5, &others, err)) {
        return false;
    }
    if (others > memory->flink) {
        return fail(err,
                    "Sum of configured Framework Heap Memory (%s), Framework Off-Heap Memory (%s), "
                    "Task Off-Heap Memory (%s), Managed Memory (%s) and Network Memory (%s) "
                    "exceed configured Total Flink Memory (%s).",
                    spell(memory->framework_heap).text, spell(memory->framework_off_heap).text,
                    spell(memory->task_off_heap).text, spell(memory->managed).text,
                    spell(memory->network).text, spell(memory->flink).text);
    }
    memory->task_heap = memory->flink - others;
    return true;
}

static bool sum_without_network(const struct net_memory *memory, int64_t *sum, struct sim_err *err)
{
    const int64_t sizes[] = {memory->framework_heap, memory->framework_off_heap, memory->task_heap,
                             memory->task_off_heap, memory->managed};
    return add_up(sizes, 5, sum, err);
}

/* MEM-4 */
static bool divide_flink(const struct net_config *config, struct net_memory *memory,
                         struct sim_err *err)
{
    const struct net_memory_config *keys = &config->memory;
    memory->managed = keys->managed_size;
    if (keys->managed_size == NET_UNSET) {
        struct range range = {
            .option = "Key: 'taskmanager.memory.managed.fraction' , default: 0.4 (fallback keys: "
                      "[])",
            .fraction = keys->managed_fraction,
            .min = 0,
            .max = INT64_MAX,
        };
        enum net_memory_bound bound;
        if (!share(&range, memory->flink, false, &memory->managed, &bound, err)) {
            return false;
        }
    }
    if (keys->task_heap_size != NET_UNSET) {
        int64_t others = 0;
        memory->task_heap = keys->task_heap_size;
        return sum_without_network(memory, &others, err) &&
               network_by_rest(config, others, memory, err);
    }
    if (has_count(config)) {
        if (!network_by_count(config, memory, err)) {
            return false;
        }
    } else {
        struct range range = network_range(keys);
        if (!share(&range, memory->flink, false, &memory->network, &memory->network_bound, err)) {
            return false;
        }
    }
    return task_heap_by_rest(memory, err);
}

/* MEM-5 */
static bool add_up_flink(const struct net_config *config, struct net_memory *memory,
                         struct sim_err *err)
{
    const struct net_memory_config *keys = &config->memory;
    int64_t others = 0;
    memory->task_heap = keys->task_heap_size;
    memory->managed = keys->managed_size;
    if (!sum_without_network(memory, &others, err)) {
        return false;
    }
    if (keys->flink_size != NET_UNSET) {
        memory->flink = keys->flink_size;
        return network_by_rest(config, others, memory, err);
    }
    if (has_count(config)) {
        if (!network_by_count(config, memory, err)) {
            return false;
        }
    } else {
        struct range range = network_range(keys);
        if (!share(&range, others, true, &memory->network, &memory->network_bound, err)) {
            return false;
        }
    }
    const int64_t sizes[] = {others, memory->network};
    return add_up(sizes, 2, &memory->flink, err);
}

/* MEM-3 */
static bool divide_process(const struct net_config *config, struct net_memory *memory,
                           struct sim_err *err)
{
    struct range range = overhead_range(&config->memory);
    int64_t java = 0;
    memory->process = config->memory.process_size;
    if (!share(&range, memory->process, false, &memory->overhead, &memory->overhead_bound, err)) {
        return false;
    }
    const int64_t sizes[] = {memory->metaspace, memory->overhead};
    if (!add_up(sizes, 2, &java, err)) {
        return false;
    }
    if (java > memory->process) {
        return fail(err,
                    "Sum of configured JVM Metaspace (%s) and JVM Overhead (%s) exceed configured "
                    "Total Process Memory (%s).",
                    spell(memory->metaspace).text, spell(memory->overhead).text,
                    spell(memory->process).text);
    }
    memory->flink = memory->process - java;
    return divide_flink(config, memory, err);
}

/* The overhead of the Java machine on top of Flink's memory, within a process size if set. */
static bool add_up_process(const struct net_config *config, struct net_memory *memory,
                           struct sim_err *err)
{
    struct range range = overhead_range(&config->memory);
    int64_t inner = 0;
    const int64_t sizes[] = {memory->flink, memory->metaspace};
    if (!add_up(sizes, 2, &inner, err)) {
        return false;
    }
    if (config->memory.process_size == NET_UNSET) {
        if (!share(&range, inner, true, &memory->overhead, &memory->overhead_bound, err)) {
            return false;
        }
        const int64_t all[] = {inner, memory->overhead};
        return add_up(all, 2, &memory->process, err);
    }
    memory->process = config->memory.process_size;
    if (memory->process < inner) {
        return fail(err,
                    "The configured Total Process Memory size (%s) is less than the sum of the "
                    "derived Total Flink Memory size (%s) and the configured or default JVM "
                    "Metaspace size  (%s).",
                    spell(memory->process).text, spell(memory->flink).text,
                    spell(memory->metaspace).text);
    }
    memory->overhead = memory->process - inner;
    memory->overhead_bound = NET_BOUND_REST;
    if (!check_range(&range, err)) {
        return false;
    }
    if (memory->overhead > range.max || memory->overhead < range.min) {
        return fail(err,
                    "Derived JVM Overhead size (%s) is not in configured JVM Overhead range [%s, "
                    "%s].",
                    spell(memory->overhead).text, spell(range.min).text, spell(range.max).text);
    }
    return true;
}

/* Flink's other spelling of a size, in its largest unit without a remainder. */
static struct spelled spell_whole(int64_t bytes)
{
    static const char *const units[] = {"bytes", "kb", "mb", "gb", "tb"};
    struct spelled result;
    int unit = 0;
    int64_t multiplier = 1;
    while (unit < 4 && bytes != 0 && bytes % (multiplier * KIBI) == 0) {
        multiplier *= KIBI;
        unit++;
    }
    snprintf(result.text, sizeof result.text, "%lld %s", (long long)(bytes / multiplier),
             units[unit]);
    return result;
}

/* MEM-10 */
static bool derive_local(const struct net_config *config, struct net_memory *memory,
                         struct sim_err *err)
{
    const struct net_memory_config *keys = &config->memory;
    int64_t min = keys->network_min_is_set   ? keys->network_min
                  : keys->network_max_is_set ? keys->network_max
                                             : LOCAL_NETWORK_SIZE;
    int64_t max = keys->network_max_is_set ? keys->network_max : min;
    if (min != max) {
        return sim_err_set_at(err, SIM_ERR_INPUT, "IllegalConfigurationException", 0, 0,
                              "The network memory min (%s) and max (%s) mismatch, the network "
                              "memory has to be resolved and set to a fixed value before task "
                              "executor starts",
                              spell_whole(min).text, spell_whole(max).text);
    }
    memory->process = memory->flink = memory->metaspace = memory->overhead = NET_UNSET;
    memory->task_heap = keys->task_heap_size != NET_UNSET ? keys->task_heap_size : LOCAL_TASK_SIZE;
    memory->managed = keys->managed_size != NET_UNSET ? keys->managed_size : LOCAL_MANAGED_SIZE;
    memory->network = min;
    memory->network_bound = memory->overhead_bound = NET_BOUND_LOCAL;
    return true;
}

/* MEM-2: which keys decide. */
static bool derive_parts(const struct net_config *config, struct net_memory *memory,
                         struct sim_err *err)
{
    const struct net_memory_config *keys = &config->memory;
    if (keys->is_local_execution) {
        return derive_local(config, memory, err);
    }
    if (keys->task_heap_size != NET_UNSET && keys->managed_size != NET_UNSET) {
        return add_up_flink(config, memory, err) && add_up_process(config, memory, err);
    }
    if (keys->flink_size != NET_UNSET) {
        memory->flink = keys->flink_size;
        return divide_flink(config, memory, err) && add_up_process(config, memory, err);
    }
    if (keys->process_size != NET_UNSET) {
        return divide_process(config, memory, err);
    }
    return fail(err, "Either required fine-grained memory (taskmanager.memory.task.heap.size and "
                     "taskmanager.memory.managed.size), or Total Flink Memory size (Key: "
                     "'taskmanager.memory.flink.size' , default: null (fallback keys: [])), or "
                     "Total Process Memory size (Key: 'taskmanager.memory.process.size' , "
                     "default: null (fallback keys: [])) need to be configured explicitly.");
}

bool net_memory_derive(const struct net_config *config, struct net_memory *memory,
                       struct sim_err *err)
{
    const struct net_memory_config *keys = &config->memory;
    struct net_memory result = {
        .framework_heap = keys->framework_heap_size,
        .framework_off_heap = keys->framework_off_heap_size,
        .task_off_heap = keys->task_off_heap_size,
        .metaspace = keys->jvm_metaspace_size,
        .segment_size = keys->segment_size,
    };
    if (!derive_parts(config, &result, err) || !check_segment_size(keys->segment_size, err)) {
        return false;
    }
    /* MEM-9 */
    result.segments = result.network / result.segment_size;
    if (result.segments > INT32_MAX) {
        return sim_err_set_at(err, SIM_ERR_INPUT, "IllegalArgumentException", 0, 0,
                              "The given number of memory bytes (%lld) corresponds to more than "
                              "MAX_INT pages.",
                              (long long)result.network);
    }
    *memory = result;
    return true;
}
