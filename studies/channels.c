#include "studies/channels.h"

#include "studies/csv.h"

#define MOST_INSTANTS 400

sim_time study_channels_interval(sim_time duration, uint32_t channels, bool is_fixed)
{
    static const sim_time steps[] = {50 * SIM_MS, 100 * SIM_MS, 200 * SIM_MS, 500 * SIM_MS,
                                     SIM_S,       2 * SIM_S,    5 * SIM_S,    10 * SIM_S,
                                     20 * SIM_S,  50 * SIM_S,   100 * SIM_S,  200 * SIM_S,
                                     500 * SIM_S, 1000 * SIM_S};
    size_t count = sizeof steps / sizeof steps[0];

    if (channels == 0 || channels > STUDY_CHANNELS_MAX) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        sim_time instants = duration / steps[i] + 1;

        if (instants > STUDY_CHANNELS_MAX_ROWS / channels ||
            (steps[i] < SIM_S && (is_fixed || instants > MOST_INSTANTS))) {
            continue;
        }
        return steps[i];
    }
    return 0;
}

void study_channels_begin(FILE *out)
{
    fputs("t_s,vertex,subtask,side,edge,channel,queued\n", out);
}

void study_channels_write(FILE *out, const struct net_spec *spec, const struct net_world *world,
                          sim_time now, sim_time interval)
{
    uint32_t count = net_world_channel_count(world);
    char time[STUDY_NUMBER_SIZE];
    char vertex[600] = "";
    uint32_t named = UINT32_MAX;

    study_time_format(time, now, study_time_decimals(interval, 1));
    for (uint32_t i = 0; i < count; i++) {
        struct net_channel_view view;

        net_world_channel(world, i, &view);
        if (view.vertex != named) {
            named = view.vertex;
            study_csv_quote(vertex, sizeof vertex, spec->vertices[named].name);
        }
        fprintf(out, "%s,%s,%u,%s,%u,%u,%u\n", time, vertex, view.subtask,
                view.is_input ? "in" : "out", view.edge, view.channel, view.queued);
    }
}
