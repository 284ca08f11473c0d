#ifndef BENCH_CREF_COMMON_H
#define BENCH_CREF_COMMON_H
/*
 * What the reference queues share: entries, a random generator, exponential variates, memory. Plain
 * C without an engine, one queue compiled into each program, everything static: as fast as the
 * queue can be, to measure the engine against.
 *
 * An entry is a time, as the bits of a double that is not negative, above a sequence number of 40
 * bits and a slot of 24: one unsigned comparison of 128 bits orders entries, ties first in, first
 * out.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/compiler.h"

typedef sim_uint128 entry_key;

union entry {
    struct {
        uint64_t meta;
        uint64_t time_bits;
    };
    entry_key key;
};

#define SLOT_MASK 0xffffffu

static inline uint64_t bits_of_time(double time)
{
    uint64_t bits;
    memcpy(&bits, &time, sizeof bits);
    return bits;
}

static inline double time_of(union entry entry)
{
    double time;
    memcpy(&time, &entry.time_bits, sizeof time);
    return time;
}

/* Memory in huge pages, for the life of the program. */
static void *take_memory(size_t bytes)
{
    bytes = (bytes + SIM_HUGE_PAGE - 1) & ~(SIM_HUGE_PAGE - 1);
    void *block = aligned_alloc(SIM_HUGE_PAGE, bytes);
    if (block == NULL) {
        abort();
    }
    sim_advise_huge_pages(block, bytes);
    return memset(block, 0, bytes);
}

/* ---- xoshiro256+ (Blackman and Vigna, 2021), seeded by SplitMix64 ---- */

static uint64_t generator[4];

static inline uint64_t rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static inline uint64_t random_bits(void)
{
    uint64_t result = generator[0] + generator[3];
    uint64_t t = generator[1] << 17;
    generator[2] ^= generator[0];
    generator[3] ^= generator[1];
    generator[1] ^= generator[2];
    generator[0] ^= generator[3];
    generator[2] ^= t;
    generator[3] = rotate(generator[3], 45);
    return result;
}

static inline double unit_of(uint64_t bits)
{
    return (double)(bits >> 11) * 0x1p-53;
}

/* ---- exponential variates: a ziggurat of 256 layers (Marsaglia and Tsang, 2000) ---- */

#define LAYERS 256
static double layer_x[LAYERS + 1];
static double layer_y[LAYERS + 1];

static void start_random(uint64_t seed)
{
    const double tail = 7.69711747013104972;
    const double area = 0.0039496598225815571993;
    for (int i = 0; i < 4; i++) {
        seed += 0x9e3779b97f4a7c15u;
        uint64_t z = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        generator[i] = z ^ z >> 31;
    }
    layer_x[0] = area / exp(-tail);
    layer_x[1] = tail;
    layer_y[1] = exp(-tail);
    for (int i = 2; i < LAYERS; i++) {
        layer_x[i] = -log(area / layer_x[i - 1] + exp(-layer_x[i - 1]));
        layer_y[i] = exp(-layer_x[i]);
    }
    layer_y[LAYERS] = 1;
}

/* Beside the rectangle of layer i. */
SIM_NOINLINE static double exponential_beside(unsigned i, double x)
{
    double sum = 0;
    while (true) {
        if (i == 0) {
            sum += layer_x[1]; /* the tail has no memory: start anew from its begin */
        } else if (layer_y[i] + unit_of(random_bits()) * (layer_y[i + 1] - layer_y[i]) < exp(-x)) {
            return sum + x;
        }
        uint64_t bits = random_bits();
        i = bits & (LAYERS - 1);
        x = unit_of(bits) * layer_x[i];
        if (x < layer_x[i + 1]) {
            return sum + x;
        }
    }
}

static inline double exponential(void)
{
    uint64_t bits = random_bits();
    unsigned i = bits & (LAYERS - 1);
    double x = unit_of(bits) * layer_x[i];
    return SIM_LIKELY(x < layer_x[i + 1]) ? x : exponential_beside(i, x);
}

#endif
