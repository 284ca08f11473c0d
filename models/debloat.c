#include "models/debloat.h"

#include <math.h>
#include <stdlib.h>

#include "sim/compiler.h"

#define MS_PER_SECOND 1000

/* Java's cast of a double to long: cut, and held within the range. */
static int64_t cut_to_long(double value)
{
    if (!(value < 0x1p63)) {
        return isnan(value) ? 0 : INT64_MAX;
    }
    return value <= -0x1p63 ? INT64_MIN : (int64_t)value;
}

static double clamp(double value, double low, double high)
{
    double capped = value < high ? value : high;
    return capped > low ? capped : low;
}

void net_throughput_add(struct net_throughput *throughput, int64_t bytes, sim_time now)
{
    net_throughput_resume(throughput, now);
    bool is_too_much = bytes > INT64_MAX - throughput->bytes;
    throughput->bytes = is_too_much ? INT64_MAX : throughput->bytes + bytes;
}

void net_throughput_pause(struct net_throughput *throughput, sim_time now)
{
    if (throughput->is_running) {
        throughput->measured_ms += now / SIM_MS - throughput->since_ms;
    }
    throughput->is_running = false;
}

void net_throughput_resume(struct net_throughput *throughput, sim_time now)
{
    if (!throughput->is_running) {
        throughput->is_running = true;
        throughput->since_ms = now / SIM_MS;
    }
}

/* DBL-2 */
int64_t net_throughput_calculate(struct net_throughput *throughput, sim_time now)
{
    if (throughput->is_running) {
        throughput->measured_ms += now / SIM_MS - throughput->since_ms;
        throughput->since_ms = now / SIM_MS;
    }
    if (throughput->measured_ms != 0) {
        throughput->bytes_per_sec = cut_to_long((double)throughput->bytes /
                                                (double)throughput->measured_ms * MS_PER_SECOND);
    }
    throughput->bytes = 0;
    throughput->measured_ms = 0;
    return throughput->bytes_per_sec;
}

/* DBL-9: channels start with this size, so it counts as announced. */
void net_debloater_init(struct net_debloater *debloater, const struct net_debloater_params *params)
{
    *debloater = (struct net_debloater){.params = *params,
                                        .average = params->starting_size,
                                        .announced_size = params->starting_size};
}

int64_t net_debloater_desired_bytes(const struct net_debloater *debloater, int64_t bytes_per_sec)
{
    /* The product is one of 64 bits in Flink, which wraps around. */
    uint64_t product = (uint64_t)bytes_per_sec * (uint64_t)debloater->params.target_ms;
    return (int64_t)product / MS_PER_SECOND;
}

/* DBL-3, F22: all in doubles; what is announced is the average rounded to the nearest, half up. */
static int32_t next_size_rounded(struct net_debloater *debloater, int64_t desired_bytes,
                                 int32_t buffers, double alpha)
{
    double instant = (double)desired_bytes / buffers;
    double limit = 2.0 * debloater->average;
    instant = instant < limit ? instant : limit;
    debloater->average += alpha * (instant - debloater->average);
    debloater->average =
        clamp(debloater->average, debloater->params.min_size, debloater->params.max_size);
    double whole = floor(debloater->average);
    return (int32_t)whole + (debloater->average - whole >= 0.5);
}

/* DBL-3, F120: the average is an integer, cut at every step. */
static int32_t next_size_cut(struct net_debloater *debloater, int64_t desired_bytes,
                             int32_t buffers, double alpha)
{
    int64_t last = (int64_t)debloater->average;
    int64_t instant = desired_bytes / buffers;
    instant = instant < 2 * last ? instant : 2 * last;
    double next = trunc((double)last + alpha * (double)(instant - last));
    debloater->average = clamp(next, debloater->params.min_size, debloater->params.max_size);
    return (int32_t)debloater->average;
}

int32_t net_debloater_next_size(struct net_debloater *debloater, int64_t desired_bytes,
                                int32_t buffers)
{
    double alpha = 2.0 / ((double)debloater->params.samples + 1.0);
    return debloater->params.version == NET_FLINK_1_20
               ? next_size_cut(debloater, desired_bytes, buffers, alpha)
               : next_size_rounded(debloater, desired_bytes, buffers, alpha);
}

/* DBL-4: the product of size and number is one of 32 bits in Flink. */
static int64_t estimate_ms(int32_t size, int32_t buffers, int64_t bytes_per_sec)
{
    int64_t bytes = (int32_t)((uint32_t)size * (uint32_t)buffers);
    return bytes * MS_PER_SECOND / (bytes_per_sec > 1 ? bytes_per_sec : 1);
}

/* DBL-5 */
static bool is_too_near(const struct net_debloater *debloater, int32_t size)
{
    int32_t announced = debloater->announced_size;
    if (size == announced) {
        return true;
    }
    if (size <= debloater->params.min_size || size >= debloater->params.max_size) {
        return false;
    }
    int32_t least = (int32_t)(announced * (debloater->params.threshold_percent / 100.0));
    return abs(size - announced) < least;
}

int32_t net_debloater_recalculate(struct net_debloater *debloater, int64_t bytes_per_sec,
                                  int64_t buffers_in_use)
{
    int32_t buffers = buffers_in_use < 1           ? 1
                      : buffers_in_use > INT32_MAX ? INT32_MAX
                                                   : (int32_t)buffers_in_use;
    int64_t desired = net_debloater_desired_bytes(debloater, bytes_per_sec);
    int32_t size = net_debloater_next_size(debloater, desired, buffers);
    debloater->estimated_ms = estimate_ms(size, buffers, bytes_per_sec);
    if (is_too_near(debloater, size)) {
        return 0;
    }
    debloater->announced_size = size;
    return size;
}
