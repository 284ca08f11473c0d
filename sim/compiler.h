#ifndef SIM_COMPILER_H
#define SIM_COMPILER_H
/*
 * The only place for what the C standard does not have: hints to gcc and clang, and the few
 * instructions that neither can be relied on to choose.
 */
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define SIM_PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))
#define SIM_LIKELY(x) __builtin_expect(!!(x), 1)
#define SIM_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define SIM_NORETURN __attribute__((noreturn))
#define SIM_COLD __attribute__((cold, noinline))
#define SIM_NOINLINE __attribute__((noinline))
#define SIM_ALWAYS_INLINE __attribute__((always_inline)) inline
/* The index of the highest bit set of a 64-bit number greater than 0. */
#define SIM_LOG2(x) (63u - (unsigned)__builtin_clzll(x))
/* The index of its lowest bit set. */
#define SIM_LOWEST_BIT(x) ((unsigned)__builtin_ctzll(x))
__extension__ typedef __int128 sim_int128;
__extension__ typedef unsigned __int128 sim_uint128;
#else
#error "sluice needs gcc or clang (128-bit integers)"
#endif

/*
 * Bring a line of memory, which need not exist, into the cache. A function that does nothing else
 * has no effect to a compiler, which drops calls of it; what has an empty instruction in it stays.
 */
SIM_ALWAYS_INLINE static void sim_prefetch(const void *address)
{
    __builtin_prefetch(address);
    __asm__ volatile("");
}

/*
 * Replace the 128-bit number (*high, *low) by another that is smaller, or as large. Without a jump:
 * which one is smaller is as good as random where this is used, and a compiler that has seen a
 * profile, or likes jumps, makes one out of the plain C. The other number is in registers, or in
 * memory, low half first. The copy that is compared is made here, too, and all calls are inlined:
 * otherwise gcc moves both halves to other registers and back.
 */
#if defined(__x86_64__)
#define SIM_TAKE_SMALLER                                                                           \
    "mov %[high], %[borrow]\n\t"                                                                   \
    "cmp %[other_low], %[low]\n\t"                                                                 \
    "sbb %[other_high], %[borrow]\n\t"                                                             \
    "cmovae %[other_low], %[low]\n\t"                                                              \
    "cmovae %[other_high], %[high]"
#endif

SIM_ALWAYS_INLINE static void sim_take_smaller(uint64_t *low, uint64_t *high, uint64_t other_low,
                                               uint64_t other_high)
{
#if defined(__x86_64__)
    uint64_t borrow;
    __asm__(SIM_TAKE_SMALLER
            : [borrow] "=&r"(borrow), [low] "+&r"(*low), [high] "+&r"(*high)
            : [other_low] "r"(other_low), [other_high] "r"(other_high)
            : "cc");
#else
    sim_uint128 mine = (sim_uint128)*high << 64 | *low;
    sim_uint128 other = (sim_uint128)other_high << 64 | other_low;
    *low = other < mine ? other_low : *low;
    *high = other < mine ? other_high : *high;
#endif
}

SIM_ALWAYS_INLINE static void sim_take_smaller_at(uint64_t *low, uint64_t *high,
                                                  const uint64_t *other)
{
#if defined(__x86_64__)
    uint64_t borrow;
    __asm__(SIM_TAKE_SMALLER
            : [borrow] "=&r"(borrow), [low] "+&r"(*low), [high] "+&r"(*high)
            : [other_low] "m"(other[0]), [other_high] "m"(other[1])
            : "cc");
#else
    sim_take_smaller(low, high, other[0], other[1]);
#endif
}

#define SIM_HUGE_PAGE ((size_t)2 * 1024 * 1024)

/* Ask for huge pages where the system has them; a whole number of them, aligned. Advice only. POSIX
 * has no name for it, so the headers hide both the function and its argument. */
static inline void sim_advise_huge_pages(void *block, size_t bytes)
{
#if defined(__linux__)
    enum { ADVICE_HUGE_PAGE = 14 };
    extern int madvise(void *address, size_t length, int advice);
    (void)madvise(block, bytes, ADVICE_HUGE_PAGE);
#endif
}

#endif
