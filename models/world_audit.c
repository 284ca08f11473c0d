/* The invariants of a whole world (rules INV), and the conservation of records and bytes. */
#include "models/world_internal.h"

static bool audit_task(const struct net_task *task, struct sim_err *err)
{
    for (uint32_t i = 0; i < task->output_count; i++) {
        const struct net_partition *partition = &task->outputs[i].partition;
        if (!net_local_pool_audit(partition->pool, err) || !net_partition_audit(partition, err)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < task->input_count; i++) {
        for (uint32_t j = 0; j < task->inputs[i].gate_count; j++) {
            const struct net_gate *gate = &task->inputs[i].gates[j];
            if (!net_local_pool_audit(gate->pool, err) || !net_gate_audit(gate, err)) {
                return false;
            }
        }
    }
    return true;
}

/* INV-12 */
static bool audit_times(const struct net_world *world, const struct net_task *task,
                        struct sim_err *err)
{
    sim_time now = sim_now(world->sim);
    sim_time sum = 0;
    for (uint32_t i = 0; i < NET_ACTIVITIES; i++) {
        sum += net_time_account_total(&task->time, (enum net_activity)i, now);
    }
    if (sum != now) {
        return sim_err_set(err, SIM_ERR_ANSWER,
                           "INV-12: %s/%u: the times add up to %lld ns, elapsed are %lld",
                           task->vertex->name, task->subtask, (long long)sum, (long long)now);
    }
    return true;
}

/* Records that a subtask has put into the channels of an output. */
static uint64_t records_written(const struct net_task *task, uint32_t output)
{
    const struct net_emission *emission = &task->emission;
    bool is_begun = emission->left > 0 && (emission->output > output ||
                                           (emission->output == output && emission->is_writing));
    uint64_t records = task->tail->records_out + is_begun;
    return task->outputs[output].router.kind == NET_PARTITION_BROADCAST
               ? records * task->outputs[output].partition.count
               : records;
}

/* What was written towards a vertex was served there or is on its way. */
static bool audit_records(const struct net_world *world, struct sim_err *err)
{
    const struct net_spec *spec = world->spec;
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        world->balance[v] = 0;
    }
    for (uint32_t i = 0; i < world->task_count; i++) {
        const struct net_task *task = &world->tasks[i];
        uint32_t output = 0;
        world->balance[task->vertex_index] -= (int64_t)task->records_in;
        if (task->next != NULL) {
            world->balance[task->next->vertex_index] +=
                (int64_t)task->records_out - (int64_t)task->next->pending;
        }
        for (uint32_t e = 0; e < spec->edge_count && output < task->output_count; e++) {
            if (!spec->edges[e].is_chained && spec->edges[e].from == task->tail->vertex_index) {
                world->balance[spec->edges[e].to] += (int64_t)records_written(task, output++);
            }
        }
    }
    for (uint32_t i = 0; i < world->link_count; i++) {
        const struct net_input *input = world->links[i].channel->gate->owner;
        world->balance[input->task->vertex_index] -= net_link_end_flow(&world->links[i])->count;
    }
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        if (world->balance[v] != 0) {
            return sim_err_set(err, SIM_ERR_ANSWER,
                               "records: %lld more were written to '%s' than were served or are on "
                               "their way",
                               (long long)world->balance[v], spec->vertices[v].name);
        }
    }
    return true;
}

/* Bytes of a record in progress that are not in any buffer yet. */
static uint64_t unwritten_bytes(const struct net_link_end *link)
{
    const struct net_write *write = &net_link_end_output(link)->partition.write;
    bool is_here = write->is_broadcast || write->subpartition == net_link_end_sub(link)->index;
    return write->is_open && is_here ? write->left : 0;
}

/* INV-11 from end to end: the bytes of the records in a channel lie in buffers. */
static bool audit_bytes(const struct net_link_end *link, struct sim_err *err)
{
    const struct net_channel *channel = link->channel;
    const struct net_input *input = channel->gate->owner;
    const struct net_subpartition *sub = net_link_end_sub(link);
    uint64_t bytes = unwritten_bytes(link) + net_subpartition_unread_bytes(sub);
    if (channel->is_remote) {
        bytes += net_connection_bytes(link->channel->reader) + net_channel_queued_bytes(channel);
    }
    if (input->has_current && input->current.channel == channel) {
        bytes += input->left;
    }
    const struct net_flow *flow = net_link_end_flow(link);
    if (bytes != flow->bytes) {
        return sim_err_set(
            err, SIM_ERR_ANSWER,
            "INV-11: channel %u of %s/%u: records have %llu unread bytes, buffers %llu",
            channel->index, input->task->vertex->name, input->task->subtask,
            (unsigned long long)flow->bytes, (unsigned long long)bytes);
    }
    return true;
}

bool net_world_audit(const struct net_world *world, struct sim_err *err)
{
    net_world_catch_up(world);
    for (uint32_t i = 0; i < world->spec->cluster.taskmanagers; i++) {
        if (!net_network_pool_audit(world->taskmanagers[i].segments.pool, err)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < world->task_count; i++) {
        if (!audit_task(&world->tasks[i], err) || !audit_times(world, &world->tasks[i], err)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < world->link_count; i++) {
        const struct net_link_end *link = &world->links[i];
        if (link->channel->is_remote && !net_connection_audit(link->channel->reader, err)) {
            return false;
        }
        if (!audit_bytes(link, err)) {
            return false;
        }
    }
    return audit_records(world, err);
}
