/* A plug-in of qemu's user emulation: counts the instructions that were executed, and
 * writes "instructions N" to standard error at the end.
 *
 * What is declared here is of version 1 of its interface (qemu 4.2 to 8.2; Debian 12 has
 * 7.2 but no header). https://www.qemu.org/docs/master/devel/tcg-plugins.html
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

typedef uint64_t plugin_id;
struct qemu_plugin_tb; /* a block of instructions that are executed together */

void qemu_plugin_register_vcpu_tb_trans_cb(
    plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_inline(
    struct qemu_plugin_tb *, int operation, void *target, uint64_t operand);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);

enum { ADD_U64 = 0 };

int qemu_plugin_version = 1;

static uint64_t executed;

/* Called once for a block; the block then adds its length whenever it runs. */
static void translated(plugin_id id, struct qemu_plugin_tb *block)
{
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_inline(
        block, ADD_U64, &executed, qemu_plugin_tb_n_insns(block));
}

static void report(plugin_id id, void *unused)
{
    (void)id, (void)unused;
    fprintf(stderr, "instructions %" PRIu64 "\n", executed);
}

int qemu_plugin_install(plugin_id id, const void *machine, int argc, char **argv)
{
    (void)machine, (void)argc, (void)argv;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, report, NULL);
    return 0;
}
