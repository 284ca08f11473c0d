#ifndef MODELS_SERVICE_H
#define MODELS_SERVICE_H
/*
 * How long an operator serves a record: its distribution, the factor of the subtask, phases that
 * come again, and changes that hold from a time on.
 */
#include "models/spec.h"
#include "sim/random.h"

/* The service that begins at `now`. */
sim_time net_service_draw(const struct net_service_spec *service, uint32_t subtask,
                          struct sim_stream *stream, sim_time now);

#endif
