#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H
/*
 * Random streams addressed by name.
 *
 * A stream belongs to a purpose of an entity ("service" of "score[3]") and is derived from seed,
 * replication and that name alone, never from the order of creation: a changed pool size leaves
 * arrivals and services as they were, so two configurations meet the same load (common random
 * numbers). The generator is xoshiro256++ (Blackman and Vigna, "Scrambled linear pseudorandom
 * number generators", 2021), seeded by SplitMix64 over a 64-bit hash of the name, behind an own
 * gsl_rng_type with 64-bit seeds and doubles of 53 random bits, so that every gsl_ran_*
 * distribution works on it.
 */
#include <gsl/gsl_rng.h>
#include <stddef.h>
#include <stdint.h>

/* GSL generator type "xoshiro256pp"; gsl_rng_get gives the upper 64 bits as unsigned long,
 * gsl_rng_uniform 53 bits. */
extern const gsl_rng_type *const sim_rng_xoshiro256pp;

/* A stream, storage owned by the caller. Points into itself: must not be copied or moved after
 * sim_stream_init(). */
struct sim_stream {
    uint64_t state[4];
    gsl_rng rng; /* pass &stream->rng to gsl_ran_* */
};

_Static_assert(sizeof(struct sim_stream) <= 64, "a stream is a cache line");

/* Start the stream of that name. `entity` is a path such as "job/score/3". */
void sim_stream_init(struct sim_stream *stream, uint64_t seed, uint64_t replication,
                     const char *entity, const char *purpose);

/* Start a stream from a bare 64-bit seed (SplitMix64 fills the state). */
void sim_stream_init_seed(struct sim_stream *stream, uint64_t seed);

/* The next 64 random bits. */
uint64_t sim_stream_bits(struct sim_stream *stream);

/* Uniform on [0, 1), a multiple of 2^-53. */
double sim_stream_uniform(struct sim_stream *stream);

/*
 * Exponential with mean 1: -ln(1 - u) of one uniform u, from 0 to 36.8. Made of additions,
 * multiplications and divisions of doubles alone, so the same to the last bit on every machine;
 * within one unit in the last place of the true value.
 */
double sim_stream_exponential(struct sim_stream *stream);

/* The next `count` of them, which takes a fraction of the time. */
void sim_stream_exponentials(struct sim_stream *stream, double *values, size_t count);

/* Uniform on 0 .. bound - 1 without bias; bound at least 1. */
uint64_t sim_stream_below(struct sim_stream *stream, uint64_t bound);

#endif
