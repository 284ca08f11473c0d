#ifndef SIM_COMPILER_H
#define SIM_COMPILER_H
/*
 * The only place for what the C standard does not have: hints to gcc and clang, empty elsewhere.
 */
#if defined(__GNUC__)
#define SIM_PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))
#define SIM_LIKELY(x) __builtin_expect(!!(x), 1)
#define SIM_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define SIM_NORETURN __attribute__((noreturn))
#define SIM_COLD __attribute__((cold, noinline))
#define SIM_PREFETCH(address) __builtin_prefetch(address)
/* The index of the highest bit set of a 64-bit number greater than 0. */
#define SIM_LOG2(x) (63u - (unsigned)__builtin_clzll(x))
/* The index of its lowest bit set. */
#define SIM_LOWEST_BIT(x) ((unsigned)__builtin_ctzll(x))
__extension__ typedef __int128 sim_int128;
__extension__ typedef unsigned __int128 sim_uint128;
#else
#error "sluice needs gcc or clang (128-bit integers)"
#endif

#endif
