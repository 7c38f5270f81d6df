// Code that calls what a hang is about: a system call, a timer, a work item, a driver's operation. A loop shows itself
// anywhere in its body, but the function that was dispatched stays the same.

const anywhere =
  /process_one_work|do_(?:fast_)?syscall_|sysenter_dispatch|tracesys_phase2|el0_svc_handler|invoke_syscall|ret_fast_syscall|netif_receive_skb|do_softirq|handle_softirqs|call_timer_fn|_run_timers|run_timer_softirq|hrtimer_run|run_ksoftirqd|smpboot_thread_fn|start_secondary|cpu_startup_entry|ret_from_fork|vfs_(?:read|write|iter_read|iter_write|ioctl|open)|do_iter_(?:read|write)|call_(?:read|write)_iter|new_sync_|ksys_ioctl|compat_ioctl|compat_sys_ioctl|blkdev_(?:driver_)?ioctl|mmap_region|do_mmap|do_dentry_open|kernel_(?:setsockopt|listen|accept)|sock_common_setsockopt|sk_common_release|__do_fault|do_page_fault|__fput|task_work_run|exit_to_usermode|smp_call_function|tasklet_(?:hi_)?action/;
const whole =
  /^(?:kthread|worker_thread|call_mmap|setsockopt|listen|accept|page_fault|(?:sys_)?(?:socketpair|connect|ioctl))$|^(?:__)?sock_(?:sendmsg|recvmsg|release|mmap|do_ioctl|ioctl)|^compat_sock_ioctl|^(?:nfnetlink|rtnetlink)_rcv_msg|^netlink_dump/;

/** Whether a function dispatches others. */
export function dispatches(name: string): boolean {
  return anywhere.test(name) || whole.test(name);
}

/** Where an interrupt entered: what it interrupted is printed after it. */
export const interruptEntry =
  /apic_timer_interrupt|sysvec_|^el1_irq|^el1h_64_irq|gic_handle_irq|^__irq_svc|asm_common_interrupt|^common_interrupt|ret_from_intr|call_on_irq_stack|do_interrupt_handler|hrtimer_interrupt$|timer_interrupt$/;
