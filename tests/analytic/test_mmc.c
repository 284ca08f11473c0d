/*
 * M/M/c: several servers and one queue, against Erlang's formulas B and C.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/confidence.h"
#include "tests/support/queues/station.h"

#define REPLICATIONS 20
#define ARRIVAL_NS 1e6

/* Erlang B by its recursion: the share lost with c servers, no waiting and `offered` Erlang. */
static double erlang_b(uint32_t servers, double offered)
{
    double loss = 1;
    for (uint32_t i = 1; i <= servers; i++) {
        loss = offered * loss / (i + offered * loss);
    }
    return loss;
}

/* Erlang C: the share that waits where everyone can. */
static double erlang_c(uint32_t servers, double offered)
{
    double loss = erlang_b(servers, offered);
    double load = offered / servers;
    return loss / (1 - load * (1 - loss));
}

static struct station_result run(uint32_t servers, uint32_t capacity, double offered, uint64_t i)
{
    return station_run(&(struct station_params){
        .arrivals = {.kind = SIM_DIST_EXPONENTIAL, .a = ARRIVAL_NS},
        .service = {.kind = SIM_DIST_EXPONENTIAL, .a = offered * ARRIVAL_NS},
        .servers = servers,
        .capacity = capacity,
        .warm_up = SIM_S,
        .duration = 100 * SIM_S,
        .seed = 4,
        .replication = i,
    });
}

static void assert_waiting_system(uint32_t servers, double offered, double rel)
{
    struct sim_tally waited = {0};
    struct sim_tally waiting = {0};
    struct sim_tally busy = {0};
    struct sim_tally number = {0};
    for (uint64_t i = 0; i < REPLICATIONS; i++) {
        struct station_result result = run(servers, 0, offered, i);
        sim_tally_add(&waited, result.waited_share);
        sim_tally_add(&waiting, result.waiting);
        sim_tally_add(&busy, result.busy);
        sim_tally_add(&number, result.number);
    }
    double exact_waited = erlang_c(servers, offered);
    double exact_waiting = exact_waited * offered * ARRIVAL_NS / (servers - offered);
    assert_covers(waited, exact_waited, rel);
    assert_covers(waiting, exact_waiting, 2 * rel);
    assert_covers(busy, offered, 0.01);
    assert_covers(number, offered + exact_waiting / ARRIVAL_NS, rel);
}

static void test_two_servers(void **state)
{
    assert_waiting_system(2, 1.4, 0.02);
}

static void test_eight_servers(void **state)
{
    assert_waiting_system(8, 6, 0.03);
}

static void test_loss_system(void **state)
{
    struct sim_tally lost = {0};
    for (uint64_t i = 0; i < REPLICATIONS; i++) {
        sim_tally_add(&lost, run(4, 4, 3, i).lost_share);
    }
    assert_covers(lost, erlang_b(4, 3), 0.02);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_servers),
        cmocka_unit_test(test_eight_servers),
        cmocka_unit_test(test_loss_system),
    };
    return cmocka_run_group_tests_name("mmc", tests, NULL, NULL);
}
