/* SPDX-License-Identifier: GPL-2.0 */
/* Copyright (c) 2023 - 2025 the tarbisect authors */

#ifndef _KCOMPAT_H_
#define _KCOMPAT_H_

/*
 * The driver is written for the newest kernel. What older kernels lack, or
 * spell differently, stands here and nowhere else.
 */

#include <linux/version.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/skbuff.h>

#ifndef RHEL_RELEASE_CODE
#define RHEL_RELEASE_CODE 0
#endif
#ifndef RHEL_RELEASE_VERSION
#define RHEL_RELEASE_VERSION(a, b) (((a) << 8) + (b))
#endif

/*****************************************************************************/
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 12, 0)
static inline bool dev_page_is_reusable(const struct page *page)
{
	return likely(page_to_nid(page) == numa_mem_id() &&
		      !page_is_pfmemalloc(page));
}
#endif /* 5.12.0 */

/*****************************************************************************/
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 15, 0)
static inline void eth_hw_addr_set(struct net_device *dev, const u8 *addr)
{
	ether_addr_copy(dev->dev_addr, addr);
}
#else
#define HAVE_COALESCE_EXTACK
#endif /* 5.15.0 */

/*****************************************************************************/
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 17, 0)
#if RHEL_RELEASE_CODE && RHEL_RELEASE_CODE >= RHEL_RELEASE_VERSION(9, 1)
#define HAVE_RINGPARAM_EXTACK
#endif
#else
#define HAVE_RINGPARAM_EXTACK
#endif /* 5.17.0 */

/*****************************************************************************/
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
static inline void tbnic_napi_add(struct net_device *dev,
				  struct napi_struct *napi,
				  int (*poll)(struct napi_struct *, int))
{
	netif_napi_add(dev, napi, poll, NAPI_POLL_WEIGHT);
}
#define netif_napi_add tbnic_napi_add
#endif /* 6.1.0 */

/*****************************************************************************/
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 84)
#define timer_delete_sync(timer) del_timer_sync(timer)
#endif

#endif /* _KCOMPAT_H_ */
