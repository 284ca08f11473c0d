#ifndef SIM_ASSERT_H
#define SIM_ASSERT_H
/*
 * Assertions: a bug in the program, never a mistake of the user.
 *
 * sim_assert() is cheap and on in every build. sim_assert_debug() may be slow (walks a heap, counts
 * a list) and is off where NDEBUG is defined. The model's audits are neither: they run in every
 * build when asked for (--audit). A failed assertion prints file, line, condition and simulated
 * time through the handler; the default one writes to stderr and aborts. `simulation` may be NULL
 * where no run is at hand.
 */
#include "sim/compiler.h"

struct sim;

typedef void (*sim_assert_handler)(const char *file, int line, const char *condition,
                                   const struct sim *simulation);

/*
 * Install a handler for failed assertions, or the default one for NULL; returns the one before. The
 * handler must not return. The only process-wide setting of the engine: call it once, before
 * threads start.
 */
sim_assert_handler sim_assert_set_handler(sim_assert_handler handler);

/* Report a failed assertion; does not return. */
SIM_COLD SIM_NORETURN void sim_assert_fail(const char *file, int line, const char *condition,
                                           const struct sim *simulation);

#define sim_assert(simulation, condition)                                                          \
    (SIM_LIKELY(condition) ? (void)0                                                               \
                           : sim_assert_fail(__FILE__, __LINE__, #condition, (simulation)))

#ifdef NDEBUG
#define sim_assert_debug(simulation, condition) ((void)0)
#else
#define sim_assert_debug(simulation, condition) sim_assert(simulation, condition)
#endif

#endif
