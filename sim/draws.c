#include "sim/draws.h"

void sim_draws_fill(struct sim_draws *draws)
{
    if (draws->is_constant) {
        draws->drawn = draws->taken + SIM_DRAWS_AHEAD;
        return;
    }
    while (draws->drawn - draws->taken < SIM_DRAWS_AHEAD) {
        uint32_t at = draws->drawn % SIM_DRAWS_AHEAD;
        uint32_t room = SIM_DRAWS_AHEAD - (draws->drawn - draws->taken);
        uint32_t count = room < SIM_DRAWS_AHEAD - at ? room : SIM_DRAWS_AHEAD - at;
        sim_dist_draw_many(draws->dist, &draws->stream, &draws->ahead[at], count);
        draws->drawn += count;
    }
}
