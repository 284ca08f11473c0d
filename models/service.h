#ifndef MODELS_SERVICE_H
#define MODELS_SERVICE_H
/*
 * How long an operator serves a record: its distribution, the factor of the subtask, phases that
 * come again, and changes that hold from a time on; and what comes out of it.
 */
#include <stdbool.h>
#include <stddef.h>

#include "models/spec.h"

/* For services with factors. */
sim_time net_service_scale(const struct net_service_spec *service, uint32_t subtask, sim_time drawn,
                           sim_time now);

/* Whether services are as drawn, whenever they begin. */
static inline bool net_service_is_plain(const struct net_service_spec *service)
{
    return service->factor == NULL && service->phase_count == 0 && service->change_count == 0;
}

/* The service that begins at `now`, of a variate of its distribution. */
static inline sim_time net_service_time(const struct net_service_spec *service, uint32_t subtask,
                                        sim_time drawn, sim_time now)
{
    return net_service_is_plain(service) ? drawn : net_service_scale(service, subtask, drawn, now);
}

/* Records that are emitted at the end of a service; *owed is the running sum of the selectivity. */
static inline uint32_t net_service_emits(const struct net_service_spec *service, double *owed)
{
    uint32_t records = 0;
    for (*owed += service->selectivity; *owed >= 1.0; *owed -= 1.0) {
        records++;
    }
    return records;
}

#endif
