/* SPDX-License-Identifier: GPL-2.0 */
/* Copyright (c) 2023 - 2025 the tarbisect authors */

#ifndef _TBNIC_H_
#define _TBNIC_H_

#include "kcompat.h"
#include "tbnic_regs.h"

#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/timer.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>

#define TBNIC_NAME		"tbnic"
#define TBNIC_VERSION		"1.0.2"

#define TBNIC_RING_MIN		64
#define TBNIC_RING_MAX		4096
#define TBNIC_RING_DEFAULT	1024
#define TBNIC_RING_MULTIPLE	8

#define TBNIC_RX_BUFSZ		2048
#define TBNIC_RX_HDR_SIZE	256
#define TBNIC_RX_REFILL_BATCH	16

#define TBNIC_RX_DMA_ATTR \
	(DMA_ATTR_SKIP_CPU_SYNC | DMA_ATTR_WEAK_ORDERING)

struct tbnic_hw {
	u8 __iomem *io;
	u8 mac[ETH_ALEN];
	u16 device_id;
	u8 revision_id;
};

/* One receive buffer: a half of a page, and what we own of that page */
struct tbnic_rx_buffer {
	dma_addr_t dma;
	struct page *page;
	u16 page_offset;
	u16 pagecnt_bias;
	u16 page_uses;
};

struct tbnic_tx_buffer {
	struct sk_buff *skb;
	dma_addr_t dma;
	u32 length;
	u16 next_to_watch;
	bool mapped_page;
};

struct tbnic_queue_stats {
	struct u64_stats_sync syncp;
	u64 packets;
	u64 bytes;
};

struct tbnic_rx_counters {
	u64 page_alloc;
	u64 page_reuse;
	u64 page_busy;
	u64 alloc_failed;
	u64 csum_errors;
	u64 frame_errors;
};

struct tbnic_ring {
	struct net_device *netdev;
	struct device *dev;
	void *desc;
	dma_addr_t dma;
	unsigned int size;
	u16 count;
	u16 next_to_use;
	u16 next_to_clean;
	union {
		struct tbnic_rx_buffer *rx_buffer;
		struct tbnic_tx_buffer *tx_buffer;
	};
	struct tbnic_queue_stats stats;
	struct tbnic_rx_counters counters;
	u64 tx_restarts;
};

/* Sums of the hardware's clear-on-read counters */
struct tbnic_hw_stats {
	u64 crc_errors;
	u64 missed_packets;
	u64 no_buffer;
	u64 good_rx;
	u64 good_tx;
	u64 broadcast_rx;
	u64 multicast_rx;
	u64 oversize_rx;
};

enum tbnic_state {
	__TBNIC_DOWN,
	__TBNIC_RESETTING,
	__TBNIC_STATE_COUNT,
};

struct tbnic_adapter {
	struct net_device *netdev;
	struct pci_dev *pdev;
	struct tbnic_hw hw;
	struct napi_struct napi;
	struct tbnic_ring rx_ring;
	struct tbnic_ring tx_ring;
	DECLARE_BITMAP(state, __TBNIC_STATE_COUNT);
	struct timer_list watchdog_timer;
	struct work_struct watchdog_task;
	struct work_struct reset_task;
	struct mutex stats_lock;	/* the counters are cleared by reading */
	struct tbnic_hw_stats hw_stats;
	u32 msg_enable;
	u16 itr_usecs;
	bool link_up;
};

static inline u32 tbnic_read(struct tbnic_hw *hw, u32 reg)
{
	return readl(hw->io + reg);
}

static inline void tbnic_write(struct tbnic_hw *hw, u32 reg, u32 value)
{
	writel(value, hw->io + reg);
}

/* Descriptors free for use; one stays empty so that full is not empty */
static inline u16 tbnic_desc_unused(struct tbnic_ring *ring)
{
	u16 clean = ring->next_to_clean;
	u16 use = ring->next_to_use;

	return (clean > use ? 0 : ring->count) + clean - use - 1;
}

/* tbnic_main.c */
int tbnic_up(struct tbnic_adapter *adapter);
void tbnic_down(struct tbnic_adapter *adapter);
void tbnic_reinit(struct tbnic_adapter *adapter);
void tbnic_update_hw_stats(struct tbnic_adapter *adapter);

/* tbnic_hw.c */
int tbnic_hw_reset(struct tbnic_hw *hw);
int tbnic_hw_read_mac(struct tbnic_hw *hw);
int tbnic_hw_eeprom_read(struct tbnic_hw *hw, u16 word, u16 *data);
int tbnic_hw_eeprom_check(struct tbnic_hw *hw);
int tbnic_hw_phy_read(struct tbnic_hw *hw, u8 reg, u16 *data);
void tbnic_hw_set_mac(struct tbnic_hw *hw, const u8 *addr);
void tbnic_hw_set_itr(struct tbnic_hw *hw, u16 usecs);
void tbnic_hw_irq_enable(struct tbnic_hw *hw);
void tbnic_hw_irq_disable(struct tbnic_hw *hw);
bool tbnic_hw_link_up(struct tbnic_hw *hw);
int tbnic_hw_link_speed(struct tbnic_hw *hw);
bool tbnic_hw_full_duplex(struct tbnic_hw *hw);

/* tbnic_txrx.c */
int tbnic_setup_tx_ring(struct tbnic_ring *ring);
int tbnic_setup_rx_ring(struct tbnic_ring *ring);
void tbnic_clean_tx_ring(struct tbnic_ring *ring);
void tbnic_clean_rx_ring(struct tbnic_ring *ring);
void tbnic_free_tx_ring(struct tbnic_ring *ring);
void tbnic_free_rx_ring(struct tbnic_ring *ring);
void tbnic_configure_tx(struct tbnic_adapter *adapter);
void tbnic_configure_rx(struct tbnic_adapter *adapter);
bool tbnic_alloc_rx_buffers(struct tbnic_adapter *adapter, u16 count);
netdev_tx_t tbnic_xmit_frame(struct sk_buff *skb, struct net_device *netdev);
int tbnic_poll(struct napi_struct *napi, int budget);

/* tbnic_ethtool.c */
void tbnic_set_ethtool_ops(struct net_device *netdev);

#endif /* _TBNIC_H_ */
