#ifndef BENCH_FIFO_H
#define BENCH_FIFO_H
/*
 * Places of a first-in-first-out ring whose size is known from the start: a power of two. What is
 * in the places is an array of the caller's.
 */
#include <stdint.h>

struct fifo {
    uint32_t head; /* both count up, over the end of the array */
    uint32_t tail;
    uint32_t mask; /* size - 1 */
};

/* A ring with room for `count` items, and how many places its array must have. */
static inline struct fifo fifo_for(uint32_t count)
{
    uint32_t size = 1;
    while (size < count) {
        size *= 2;
    }
    return (struct fifo){.mask = size - 1};
}

static inline uint32_t fifo_size(const struct fifo *fifo)
{
    return fifo->mask + 1;
}

static inline uint32_t fifo_count(const struct fifo *fifo)
{
    return fifo->tail - fifo->head;
}

/* The place of what comes next, leaves next, and stands behind that. */
static inline uint32_t fifo_push(struct fifo *fifo)
{
    return fifo->tail++ & fifo->mask;
}

static inline uint32_t fifo_pop(struct fifo *fifo)
{
    return fifo->head++ & fifo->mask;
}

static inline uint32_t fifo_head(const struct fifo *fifo)
{
    return fifo->head & fifo->mask;
}

#endif
