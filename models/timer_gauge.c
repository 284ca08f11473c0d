#include "models/timer_gauge.h"

void net_time_account_init(struct net_time_account *account, enum net_activity activity,
                           sim_time now, sim_time clock_offset)
{
    *account = (struct net_time_account){.activity = activity,
                                         .clock_offset = (uint32_t)clock_offset,
                                         .since = now,
                                         .measured_from = now,
                                         .started = now};
}

/* MET-10: both ends are readings of a clock in whole milliseconds. */
static int64_t measured_ms(const struct net_time_account *account, sim_time from, sim_time now)
{
    return (now + account->clock_offset) / SIM_MS - (from + account->clock_offset) / SIM_MS;
}

/* What passed since the running measurement was cut last; the longest stretch is measured from its
 * own start (MET-12). */
static void add_running(struct net_time_account *account, sim_time now)
{
    struct net_timer *timer = &account->timers[account->activity];
    int64_t stretch = measured_ms(account, account->since, now);
    timer->total_ms += measured_ms(account, account->measured_from, now);
    timer->longest_ms = stretch > timer->longest_ms ? stretch : timer->longest_ms;
    account->measured_from = now;
}

void net_time_account_set(struct net_time_account *account, enum net_activity activity,
                          sim_time now)
{
    if (activity == account->activity) {
        return;
    }
    account->total[account->activity] += now - account->since;
    add_running(account, now);
    account->activity = activity;
    account->changes++;
    account->since = now;
}

sim_time net_time_account_total(const struct net_time_account *account, enum net_activity activity,
                                sim_time now)
{
    sim_time total = account->total[activity];
    return activity == account->activity ? total + now - account->since : total;
}

static void update_gauge(struct net_timer_gauge *gauge, struct net_timer *timer)
{
    gauge->slots[gauge->next] = timer->total_ms - gauge->stored_ms;
    gauge->stored_ms = timer->total_ms;
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
    gauge->reported_ms = timer->longest_ms;
    timer->longest_ms = 0;
}

/* MET-10: a running measurement is cut at each update. */
void net_time_account_update(struct net_time_account *account, sim_time now)
{
    add_running(account, now);
    for (uint32_t i = 0; i < NET_ACTIVITIES; i++) {
        update_gauge(&account->gauges[i], &account->timers[i]);
    }
}

/* MET-12 */
int64_t net_time_account_longest(const struct net_time_account *account, enum net_activity activity)
{
    return account->gauges[activity].reported_ms;
}

int64_t net_time_account_accumulated(const struct net_time_account *account,
                                     enum net_activity activity, sim_time now)
{
    if (activity != NET_ACTIVITY_BUSY) {
        return account->timers[activity].total_ms;
    }
    int64_t others = account->timers[NET_ACTIVITY_IDLE].total_ms +
                     account->timers[NET_ACTIVITY_SOFT].total_ms +
                     account->timers[NET_ACTIVITY_HARD].total_ms;
    int64_t elapsed = measured_ms(account, account->started, now);
    return elapsed > others ? elapsed - others : 0;
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
