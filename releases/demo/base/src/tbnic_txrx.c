// SPDX-License-Identifier: GPL-2.0
/* Copyright (c) 2023 - 2025 the tarbisect authors */

#include "tbnic.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>

/* References taken from the page allocator at a time, given out one by one */
#define TBNIC_PAGE_BIAS		32

/* After so many frames a page goes back, so that a ring does not pin it */
#define TBNIC_PAGE_LIFE		24

#define TBNIC_TX_WAKE		(2 * (MAX_SKB_FRAGS + 2))

static struct tbnic_rx_desc *tbnic_rx_desc(struct tbnic_ring *ring, u16 i)
{
	return (struct tbnic_rx_desc *)ring->desc + i;
}

static struct tbnic_tx_desc *tbnic_tx_desc(struct tbnic_ring *ring, u16 i)
{
	return (struct tbnic_tx_desc *)ring->desc + i;
}

static void tbnic_count_frame(struct tbnic_ring *ring, unsigned int bytes)
{
	u64_stats_update_begin(&ring->stats.syncp);
	ring->stats.packets++;
	ring->stats.bytes += bytes;
	u64_stats_update_end(&ring->stats.syncp);
}

static int tbnic_alloc_desc(struct tbnic_ring *ring)
{
	ring->size = ALIGN(ring->count * sizeof(struct tbnic_rx_desc), 4096);
	ring->desc = dma_alloc_coherent(ring->dev, ring->size, &ring->dma,
					GFP_KERNEL);
	if (!ring->desc)
		return -ENOMEM;
	ring->next_to_use = 0;
	ring->next_to_clean = 0;
	return 0;
}

static void tbnic_free_desc(struct tbnic_ring *ring)
{
	dma_free_coherent(ring->dev, ring->size, ring->desc, ring->dma);
	ring->desc = NULL;
}

int tbnic_setup_tx_ring(struct tbnic_ring *ring)
{
	int err;

	ring->tx_buffer = kvcalloc(ring->count, sizeof(*ring->tx_buffer),
				   GFP_KERNEL);
	if (!ring->tx_buffer)
		return -ENOMEM;
	err = tbnic_alloc_desc(ring);
	if (err) {
		kvfree(ring->tx_buffer);
		ring->tx_buffer = NULL;
	}
	return err;
}

int tbnic_setup_rx_ring(struct tbnic_ring *ring)
{
	int err;

	ring->rx_buffer = kvcalloc(ring->count, sizeof(*ring->rx_buffer),
				   GFP_KERNEL);
	if (!ring->rx_buffer)
		return -ENOMEM;
	err = tbnic_alloc_desc(ring);
	if (err) {
		kvfree(ring->rx_buffer);
		ring->rx_buffer = NULL;
	}
	return err;
}

static void tbnic_unmap_tx(struct tbnic_ring *ring,
			   struct tbnic_tx_buffer *buffer)
{
	if (buffer->length) {
		if (buffer->mapped_page)
			dma_unmap_page(ring->dev, buffer->dma, buffer->length,
				       DMA_TO_DEVICE);
		else
			dma_unmap_single(ring->dev, buffer->dma,
					 buffer->length, DMA_TO_DEVICE);
	}
	buffer->length = 0;
	buffer->skb = NULL;
}

void tbnic_clean_tx_ring(struct tbnic_ring *ring)
{
	u16 i;

	for (i = 0; i < ring->count; i++) {
		struct sk_buff *skb = ring->tx_buffer[i].skb;

		tbnic_unmap_tx(ring, &ring->tx_buffer[i]);
		if (skb)
			dev_kfree_skb_any(skb);
	}
	memset(ring->desc, 0, ring->size);
	ring->next_to_use = 0;
	ring->next_to_clean = 0;
	netdev_reset_queue(ring->netdev);
}

/* Gives back a page together with the references that we did not use */
static void tbnic_release_rx_page(struct tbnic_ring *ring,
				  struct tbnic_rx_buffer *buffer)
{
	dma_unmap_page_attrs(ring->dev, buffer->dma, PAGE_SIZE,
			     DMA_FROM_DEVICE, TBNIC_RX_DMA_ATTR);
	__page_frag_cache_drain(buffer->page, buffer->pagecnt_bias);
	buffer->page = NULL;
}

void tbnic_clean_rx_ring(struct tbnic_ring *ring)
{
	u16 i;

	for (i = 0; i < ring->count; i++) {
		struct tbnic_rx_buffer *buffer = &ring->rx_buffer[i];

		if (!buffer->page)
			continue;
		dma_sync_single_range_for_cpu(ring->dev, buffer->dma,
					      buffer->page_offset,
					      TBNIC_RX_BUFSZ, DMA_FROM_DEVICE);
		tbnic_release_rx_page(ring, buffer);
	}
	memset(ring->desc, 0, ring->size);
	ring->next_to_use = 0;
	ring->next_to_clean = 0;
}

void tbnic_free_tx_ring(struct tbnic_ring *ring)
{
	tbnic_clean_tx_ring(ring);
	kvfree(ring->tx_buffer);
	ring->tx_buffer = NULL;
	tbnic_free_desc(ring);
}

void tbnic_free_rx_ring(struct tbnic_ring *ring)
{
	tbnic_clean_rx_ring(ring);
	kvfree(ring->rx_buffer);
	ring->rx_buffer = NULL;
	tbnic_free_desc(ring);
}

void tbnic_configure_tx(struct tbnic_adapter *adapter)
{
	struct tbnic_ring *ring = &adapter->tx_ring;
	struct tbnic_hw *hw = &adapter->hw;

	tbnic_write(hw, TBNIC_TDBAL, lower_32_bits(ring->dma));
	tbnic_write(hw, TBNIC_TDBAH, upper_32_bits(ring->dma));
	tbnic_write(hw, TBNIC_TDLEN,
		    ring->count * sizeof(struct tbnic_tx_desc));
	tbnic_write(hw, TBNIC_TDH, 0);
	tbnic_write(hw, TBNIC_TDT, 0);
	tbnic_write(hw, TBNIC_TIDV, 8);
	tbnic_write(hw, TBNIC_TIPG, 10 | 8 << 10 | 6 << 20);
	tbnic_write(hw, TBNIC_TCTL, TBNIC_TCTL_EN | TBNIC_TCTL_PSP |
		    TBNIC_TCTL_CT(15) | TBNIC_TCTL_COLD(64));
}

void tbnic_configure_rx(struct tbnic_adapter *adapter)
{
	struct tbnic_ring *ring = &adapter->rx_ring;
	struct tbnic_hw *hw = &adapter->hw;
	u32 rctl = TBNIC_RCTL_EN | TBNIC_RCTL_BAM | TBNIC_RCTL_SECRC;

	if (adapter->netdev->flags & IFF_PROMISC)
		rctl |= TBNIC_RCTL_UPE | TBNIC_RCTL_MPE;
	else if (adapter->netdev->flags & IFF_ALLMULTI)
		rctl |= TBNIC_RCTL_MPE;

	tbnic_write(hw, TBNIC_RDBAL, lower_32_bits(ring->dma));
	tbnic_write(hw, TBNIC_RDBAH, upper_32_bits(ring->dma));
	tbnic_write(hw, TBNIC_RDLEN,
		    ring->count * sizeof(struct tbnic_rx_desc));
	tbnic_write(hw, TBNIC_RDH, 0);
	tbnic_write(hw, TBNIC_RDT, 0);
	tbnic_write(hw, TBNIC_RDTR, 0);
	tbnic_write(hw, TBNIC_RXCSUM,
		    adapter->netdev->features & NETIF_F_RXCSUM ?
		    TBNIC_RXCSUM_IPOFL | TBNIC_RXCSUM_TUOFL : 0);
	tbnic_write(hw, TBNIC_RCTL, rctl);
}

static bool tbnic_alloc_mapped_page(struct tbnic_ring *ring,
				    struct tbnic_rx_buffer *buffer)
{
	struct page *page;
	dma_addr_t dma;

	if (likely(buffer->page))
		return true;

	page = dev_alloc_page();
	if (unlikely(!page)) {
		ring->counters.alloc_failed++;
		return false;
	}
	dma = dma_map_page_attrs(ring->dev, page, 0, PAGE_SIZE,
				 DMA_FROM_DEVICE, TBNIC_RX_DMA_ATTR);
	if (dma_mapping_error(ring->dev, dma)) {
		__free_page(page);
		ring->counters.alloc_failed++;
		return false;
	}

	buffer->dma = dma;
	buffer->page = page;
	buffer->page_offset = 0;
	buffer->page_uses = 0;
	buffer->pagecnt_bias = 1;
	ring->counters.page_alloc++;
	return true;
}

/* Gives @count buffers to the device; false if memory ran out on the way */
bool tbnic_alloc_rx_buffers(struct tbnic_adapter *adapter, u16 count)
{
	struct tbnic_ring *ring = &adapter->rx_ring;
	u16 ntu = ring->next_to_use;
	bool complete = true;

	while (count--) {
		struct tbnic_rx_buffer *buffer = &ring->rx_buffer[ntu];
		struct tbnic_rx_desc *desc = tbnic_rx_desc(ring, ntu);

		if (!tbnic_alloc_mapped_page(ring, buffer)) {
			complete = false;
			break;
		}
		dma_sync_single_range_for_device(ring->dev, buffer->dma,
						 buffer->page_offset,
						 TBNIC_RX_BUFSZ,
						 DMA_FROM_DEVICE);
		desc->addr = cpu_to_le64(buffer->dma + buffer->page_offset);
		desc->length = 0;
		desc->status = 0;
		if (++ntu == ring->count)
			ntu = 0;
	}

	if (ntu != ring->next_to_use) {
		ring->next_to_use = ntu;
		dma_wmb(); /* descriptors before the tail that shows them */
		tbnic_write(&adapter->hw, TBNIC_RDT, ntu);
	}
	return complete;
}

static struct tbnic_rx_buffer *tbnic_get_rx_buffer(struct tbnic_ring *ring,
						   unsigned int size)
{
	struct tbnic_rx_buffer *buffer = &ring->rx_buffer[ring->next_to_clean];

	prefetchw(buffer->page);
	dma_sync_single_range_for_cpu(ring->dev, buffer->dma,
				      buffer->page_offset, size,
				      DMA_FROM_DEVICE);
	/* the frame takes one of the references that we hold */
	buffer->pagecnt_bias--;
	buffer->page_uses++;
	return buffer;
}

static bool tbnic_page_worn(struct tbnic_ring *ring,
			    struct tbnic_rx_buffer *buffer)
{
	return buffer->page_uses >= TBNIC_PAGE_LIFE;
}

/* The page can be used again if nobody but us has its other half */
static bool tbnic_can_reuse_rx_page(struct tbnic_ring *ring,
				    struct tbnic_rx_buffer *buffer)
{
	unsigned int pagecnt_bias = buffer->pagecnt_bias;
	struct page *page = buffer->page;

	if (!dev_page_is_reusable(page))
		return false;
	if (tbnic_page_worn(ring, buffer))
		return false;

	if (unlikely((page_count(page) - pagecnt_bias) > 1)) {
		ring->counters.page_busy++;
		return false;
	}

	if (unlikely(!pagecnt_bias)) {
		page_ref_add(page, TBNIC_PAGE_BIAS);
		buffer->pagecnt_bias = TBNIC_PAGE_BIAS;
	}
	return true;
}

static void tbnic_put_rx_buffer(struct tbnic_ring *ring,
				struct tbnic_rx_buffer *buffer)
{
	if (tbnic_can_reuse_rx_page(ring, buffer))
		ring->counters.page_reuse++;
	else
		tbnic_release_rx_page(ring, buffer);
}

static void tbnic_add_rx_frag(struct tbnic_rx_buffer *buffer,
			      struct sk_buff *skb, unsigned int offset,
			      unsigned int size)
{
	skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, buffer->page,
			buffer->page_offset + offset, size, TBNIC_RX_BUFSZ);
	buffer->page_offset ^= TBNIC_RX_BUFSZ;
}

/* Headers are copied; the rest of the frame stays in the page */
static struct sk_buff *tbnic_construct_skb(struct tbnic_adapter *adapter,
					   struct tbnic_rx_buffer *buffer,
					   unsigned int size)
{
	void *va = page_address(buffer->page) + buffer->page_offset;
	unsigned int headlen = size;
	struct sk_buff *skb;

	net_prefetch(va);
	skb = napi_alloc_skb(&adapter->napi, TBNIC_RX_HDR_SIZE);
	if (unlikely(!skb))
		return NULL;

	if (headlen > TBNIC_RX_HDR_SIZE)
		headlen = eth_get_headlen(skb->dev, va, TBNIC_RX_HDR_SIZE);
	skb_put_data(skb, va, headlen);

	if (size > headlen)
		tbnic_add_rx_frag(buffer, skb, headlen, size - headlen);
	else
		buffer->pagecnt_bias++; /* copied in whole */
	return skb;
}

static void tbnic_rx_checksum(struct tbnic_ring *ring,
			      struct tbnic_rx_desc *desc, struct sk_buff *skb)
{
	skb_checksum_none_assert(skb);
	if (!(ring->netdev->features & NETIF_F_RXCSUM))
		return;
	if (desc->status & TBNIC_RXD_IXSM)
		return;
	if (desc->errors & (TBNIC_RXE_TCPE | TBNIC_RXE_IPE)) {
		ring->counters.csum_errors++;
		return;
	}
	if (desc->status & TBNIC_RXD_TCPCS)
		skb->ip_summed = CHECKSUM_UNNECESSARY;
}

static bool tbnic_frame_is_bad(struct tbnic_ring *ring,
			       struct tbnic_rx_desc *desc)
{
	if (likely(!(desc->errors & TBNIC_RXE_FRAME) &&
		   (desc->status & TBNIC_RXD_EOP)))
		return false;
	ring->counters.frame_errors++;
	return true;
}

static void tbnic_receive_skb(struct tbnic_adapter *adapter,
			      struct tbnic_rx_desc *desc, struct sk_buff *skb)
{
	struct tbnic_ring *ring = &adapter->rx_ring;

	tbnic_count_frame(ring, skb->len);
	tbnic_rx_checksum(ring, desc, skb);
	skb_record_rx_queue(skb, 0);
	skb->protocol = eth_type_trans(skb, ring->netdev);
	napi_gro_receive(&adapter->napi, skb);
}

static void tbnic_next_rx_desc(struct tbnic_ring *ring)
{
	if (++ring->next_to_clean == ring->count)
		ring->next_to_clean = 0;
}

static int tbnic_clean_rx_irq(struct tbnic_adapter *adapter, int budget)
{
	struct tbnic_ring *ring = &adapter->rx_ring;
	u16 unused = tbnic_desc_unused(ring);
	bool failure = false;
	int done = 0;

	while (done < budget) {
		struct tbnic_rx_desc *desc;
		struct tbnic_rx_buffer *buffer;
		struct sk_buff *skb;
		unsigned int size;

		if (unused >= TBNIC_RX_REFILL_BATCH) {
			failure |= !tbnic_alloc_rx_buffers(adapter, unused);
			unused = tbnic_desc_unused(ring);
		}

		desc = tbnic_rx_desc(ring, ring->next_to_clean);
		if (!(READ_ONCE(desc->status) & TBNIC_RXD_DD))
			break;
		dma_rmb(); /* nothing else of the descriptor before DD */

		size = le16_to_cpu(desc->length);
		buffer = tbnic_get_rx_buffer(ring, size);
		skb = NULL;
		if (unlikely(tbnic_frame_is_bad(ring, desc))) {
			buffer->pagecnt_bias++;
		} else {
			skb = tbnic_construct_skb(adapter, buffer, size);
			if (unlikely(!skb)) {
				ring->counters.alloc_failed++;
				buffer->pagecnt_bias++;
			}
		}
		tbnic_put_rx_buffer(ring, buffer);
		if (likely(skb))
			tbnic_receive_skb(adapter, desc, skb);
		desc->status = 0;
		tbnic_next_rx_desc(ring);
		unused++;
		done++;
	}
	return failure ? budget : done;
}

static bool tbnic_clean_tx_irq(struct tbnic_adapter *adapter, int budget)
{
	struct tbnic_ring *ring = &adapter->tx_ring;
	unsigned int packets = 0, bytes = 0;
	u16 ntc = ring->next_to_clean;
	u16 ntu = smp_load_acquire(&ring->next_to_use);

	while (ntc != ntu && packets < TBNIC_RING_DEFAULT) {
		u16 eop = ring->tx_buffer[ntc].next_to_watch;
		struct sk_buff *skb;

		if (!(READ_ONCE(tbnic_tx_desc(ring, eop)->status) &
		      TBNIC_TXD_DD))
			break;
		dma_rmb(); /* DD before the buffers are reused */

		skb = ring->tx_buffer[eop].skb;
		packets++;
		bytes += skb->len;
		tbnic_count_frame(ring, skb->len);
		for (;;) {
			bool last = ntc == eop;

			tbnic_unmap_tx(ring, &ring->tx_buffer[ntc]);
			tbnic_tx_desc(ring, ntc)->status = 0;
			if (++ntc == ring->count)
				ntc = 0;
			if (last)
				break;
		}
		napi_consume_skb(skb, budget);
	}

	smp_store_release(&ring->next_to_clean, ntc);
	netdev_completed_queue(ring->netdev, packets, bytes);
	smp_mb(); /* room before the queue's state, as in tbnic_maybe_stop_tx */
	if (packets && netif_queue_stopped(ring->netdev) &&
	    tbnic_desc_unused(ring) >= TBNIC_TX_WAKE &&
	    !test_bit(__TBNIC_DOWN, adapter->state)) {
		netif_wake_queue(ring->netdev);
		ring->tx_restarts++;
	}
	return packets < TBNIC_RING_DEFAULT;
}

int tbnic_poll(struct napi_struct *napi, int budget)
{
	struct tbnic_adapter *adapter =
		container_of(napi, struct tbnic_adapter, napi);
	bool tx_complete = tbnic_clean_tx_irq(adapter, budget);
	int done = budget ? tbnic_clean_rx_irq(adapter, budget) : 0;

	if (!tx_complete || done == budget)
		return budget;
	if (napi_complete_done(napi, done) &&
	    !test_bit(__TBNIC_DOWN, adapter->state))
		tbnic_hw_irq_enable(&adapter->hw);
	return done;
}

static int tbnic_maybe_stop_tx(struct tbnic_ring *ring, u16 needed)
{
	if (likely(tbnic_desc_unused(ring) >= needed))
		return 0;
	netif_stop_queue(ring->netdev);
	smp_mb(); /* the queue's state before another look at the room */
	if (tbnic_desc_unused(ring) < needed)
		return -EBUSY;
	netif_start_queue(ring->netdev);
	return 0;
}

static u16 tbnic_tx_next(struct tbnic_ring *ring, u16 i)
{
	return ++i == ring->count ? 0 : i;
}

/* Writes the context that tells the device where the checksum goes */
static u16 tbnic_tx_csum_context(struct tbnic_ring *ring, u16 i,
				 struct sk_buff *skb)
{
	struct tbnic_tx_context *ctx = ring->desc;
	u8 start = skb_checksum_start_offset(skb);

	ctx += i;
	ctx->ipcss = 0;
	ctx->ipcso = 0;
	ctx->ipcse = 0;
	ctx->tucss = start;
	ctx->tucso = start + skb->csum_offset;
	ctx->tucse = 0;
	ctx->mss = 0;
	ctx->hdr_len = 0;
	ctx->status = 0;
	ctx->cmd_len = cpu_to_le32(TBNIC_TXD_DEXT);
	ring->tx_buffer[i].length = 0;
	ring->tx_buffer[i].skb = NULL;
	return tbnic_tx_next(ring, i);
}

static void tbnic_fill_tx_desc(struct tbnic_ring *ring, u16 i, u8 popts)
{
	struct tbnic_tx_desc *desc = tbnic_tx_desc(ring, i);
	struct tbnic_tx_buffer *buffer = &ring->tx_buffer[i];

	desc->addr = cpu_to_le64(buffer->dma);
	desc->cmd_len = cpu_to_le32(TBNIC_TXD_LEN(buffer->length) |
				    TBNIC_TXD_DATA | TBNIC_TXD_DEXT |
				    TBNIC_TXD_IFCS);
	desc->status = 0;
	desc->popts = popts;
	desc->special = 0;
}

static int tbnic_map_tx_head(struct tbnic_ring *ring, u16 i,
			     struct sk_buff *skb)
{
	struct tbnic_tx_buffer *buffer = &ring->tx_buffer[i];

	buffer->dma = dma_map_single(ring->dev, skb->data, skb_headlen(skb),
				     DMA_TO_DEVICE);
	if (dma_mapping_error(ring->dev, buffer->dma))
		return -ENOMEM;
	buffer->length = skb_headlen(skb);
	buffer->mapped_page = false;
	buffer->skb = NULL;
	return 0;
}

static int tbnic_map_tx_frag(struct tbnic_ring *ring, u16 i,
			     const skb_frag_t *frag)
{
	struct tbnic_tx_buffer *buffer = &ring->tx_buffer[i];

	buffer->dma = skb_frag_dma_map(ring->dev, frag, 0,
				       skb_frag_size(frag), DMA_TO_DEVICE);
	if (dma_mapping_error(ring->dev, buffer->dma))
		return -ENOMEM;
	buffer->length = skb_frag_size(frag);
	buffer->mapped_page = true;
	buffer->skb = NULL;
	return 0;
}

static void tbnic_undo_tx(struct tbnic_ring *ring, u16 first, u16 end)
{
	for (; first != end; first = tbnic_tx_next(ring, first))
		tbnic_unmap_tx(ring, &ring->tx_buffer[first]);
}

netdev_tx_t tbnic_xmit_frame(struct sk_buff *skb, struct net_device *netdev)
{
	struct tbnic_adapter *adapter = netdev_priv(netdev);
	struct tbnic_ring *ring = &adapter->tx_ring;
	u16 first = ring->next_to_use;
	u16 i = first, last;
	u8 popts = 0;
	int f;

	if (eth_skb_pad(skb))
		return NETDEV_TX_OK;
	if (tbnic_maybe_stop_tx(ring, skb_shinfo(skb)->nr_frags + 2))
		return NETDEV_TX_BUSY;

	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		i = tbnic_tx_csum_context(ring, i, skb);
		popts = TBNIC_POPTS_TXSM;
	}

	if (tbnic_map_tx_head(ring, i, skb))
		goto drop;
	tbnic_fill_tx_desc(ring, i, popts);
	last = i;
	i = tbnic_tx_next(ring, i);
	for (f = 0; f < skb_shinfo(skb)->nr_frags; f++) {
		if (tbnic_map_tx_frag(ring, i, &skb_shinfo(skb)->frags[f]))
			goto drop;
		tbnic_fill_tx_desc(ring, i, popts);
		last = i;
		i = tbnic_tx_next(ring, i);
	}

	tbnic_tx_desc(ring, last)->cmd_len |=
		cpu_to_le32(TBNIC_TXD_EOP | TBNIC_TXD_RS);
	ring->tx_buffer[last].skb = skb;
	ring->tx_buffer[first].next_to_watch = last;
	netdev_sent_queue(netdev, skb->len);
	skb_tx_timestamp(skb);
	dma_wmb(); /* descriptors before the tail that shows them */
	smp_store_release(&ring->next_to_use, i);
	tbnic_maybe_stop_tx(ring, MAX_SKB_FRAGS + 2);
	tbnic_write(&adapter->hw, TBNIC_TDT, i);
	return NETDEV_TX_OK;

drop:
	tbnic_undo_tx(ring, first, i);
	dev_kfree_skb_any(skb);
	netdev->stats.tx_dropped++;
	return NETDEV_TX_OK;
}
