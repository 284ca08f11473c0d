#include "models/timer_gauge.h"

void net_time_account_init(struct net_time_account *account, enum net_activity activity,
                           sim_time now, sim_time clock_offset)
{
    *account = (struct net_time_account){
        .activity = activity, .since = now, .clock_offset = clock_offset, .measured_from = now};
}

/* MET-10: both ends are readings of a clock in whole milliseconds. */
static int64_t measured_ms(const struct net_time_account *account, sim_time now)
{
    return (now + account->clock_offset) / SIM_MS -
           (account->measured_from + account->clock_offset) / SIM_MS;
}

void net_time_account_set(struct net_time_account *account, enum net_activity activity,
                          sim_time now)
{
    if (activity == account->activity) {
        return;
    }
    account->total[account->activity] += now - account->since;
    account->gauges[account->activity].current_ms += measured_ms(account, now);
    account->activity = activity;
    account->changes++;
    account->since = now;
    account->measured_from = now;
}

sim_time net_time_account_total(const struct net_time_account *account, enum net_activity activity,
                                sim_time now)
{
    sim_time total = account->total[activity];
    return activity == account->activity ? total + now - account->since : total;
}

static void update_gauge(struct net_timer_gauge *gauge)
{
    gauge->slots[gauge->next] = gauge->current_ms;
    gauge->current_ms = 0;
    gauge->next = (gauge->next + 1) % NET_GAUGE_SLOTS;
    if (gauge->filled < NET_GAUGE_SLOTS) {
        gauge->filled++;
    }
    int64_t sum = 0;
    for (uint32_t i = 0; i < gauge->filled; i++) {
        sum += gauge->slots[i];
    }
    int64_t value = sum / ((int64_t)(NET_GAUGE_INTERVAL / SIM_S) * gauge->filled);
    gauge->value = value < 0 ? 0 : value > 1000 ? 1000 : value;
}

/* MET-10: a running measurement is cut at each update. */
void net_time_account_update(struct net_time_account *account, sim_time now)
{
    account->gauges[account->activity].current_ms += measured_ms(account, now);
    account->measured_from = now;
    for (uint32_t i = 0; i < NET_ACTIVITIES; i++) {
        update_gauge(&account->gauges[i]);
    }
}

/* MET-11 */
int64_t net_time_account_gauge(const struct net_time_account *account, enum net_activity activity)
{
    if (activity != NET_ACTIVITY_BUSY) {
        return account->gauges[activity].value;
    }
    int64_t others = account->gauges[NET_ACTIVITY_IDLE].value +
                     account->gauges[NET_ACTIVITY_SOFT].value +
                     account->gauges[NET_ACTIVITY_HARD].value;
    return 1000 - (others < 1000 ? others : 1000);
}
