#ifndef CLI_VARY_H
#define CLI_VARY_H
/*
 * --vary PATH=V1,V2: the configurations that one or several of them make.
 */
#include <stdint.h>

#include "cli/options.h"
#include "sim/arena.h"

/* The limit of configurations of one comparison. */
#define CLI_MOST_VARIANTS 400
#define CLI_MOST_KEYS 16

struct cli_variants {
    uint32_t count;
    uint32_t last;       /* values of the last --vary */
    size_t width;        /* overrides of each: one a --vary */
    const char **sets;   /* count x width, "PATH=VALUE" */
    const char **labels; /* one a configuration: "key=value, key=value"; of each key's path as many
                            parts as tell it from the others, the last ones */
};

/*
 * The product of all values, the last --vary changing fastest. Commas within brackets, braces or
 * quotes part no values. No key and no value of a key may be there twice. What is made lives in the
 * arena. False with SIM_ERR_USAGE.
 */
bool cli_variants_make(struct cli_variants *variants, const struct cli_value *vary,
                       struct sim_arena *arena, struct sim_err *err);

#endif
