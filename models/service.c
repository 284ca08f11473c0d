#include "models/service.h"

static double phase_factor(const struct net_service_spec *service, sim_time now)
{
    sim_time cycle = 0;
    for (uint32_t i = 0; i < service->phase_count; i++) {
        cycle += service->phases[i].length;
    }
    sim_time at = now % cycle;
    uint32_t i = 0;
    while (at >= service->phases[i].length) {
        at -= service->phases[i++].length;
    }
    return service->phases[i].factor;
}

static double change_factor(const struct net_service_spec *service, sim_time now)
{
    double factor = 1.0;
    for (uint32_t i = 0; i < service->change_count && service->changes[i].at <= now; i++) {
        factor = service->changes[i].factor;
    }
    return factor;
}

sim_time net_service_scale(const struct net_service_spec *service, uint32_t subtask, sim_time drawn,
                           sim_time now)
{
    double factor = 1.0;
    if (service->factor != NULL) {
        factor = service->factor[subtask];
    }
    if (service->phase_count > 0) {
        factor *= phase_factor(service, now);
    }
    factor *= change_factor(service, now);
    double scaled = (double)drawn * factor;
    if (factor == 1.0) {
        return drawn;
    }
    return scaled < (double)SIM_DIST_MAX ? (sim_time)(scaled + 0.5) : SIM_DIST_MAX;
}
