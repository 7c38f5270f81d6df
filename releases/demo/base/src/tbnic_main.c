// SPDX-License-Identifier: GPL-2.0
/* Copyright (c) 2023 - 2025 the tarbisect authors */

#include "tbnic.h"

#define TBNIC_WATCHDOG_PERIOD	(2 * HZ)

static int debug = -1;
module_param(debug, int, 0);
MODULE_PARM_DESC(debug, "Debug level (0=none,...,16=all)");

static const struct pci_device_id tbnic_pci_tbl[] = {
	{ PCI_VDEVICE(INTEL, 0x100e) },
	{ }
};
MODULE_DEVICE_TABLE(pci, tbnic_pci_tbl);

static void tbnic_setup_ring_identity(struct tbnic_adapter *adapter,
				      struct tbnic_ring *ring)
{
	ring->netdev = adapter->netdev;
	ring->dev = &adapter->pdev->dev;
	ring->count = TBNIC_RING_DEFAULT;
	u64_stats_init(&ring->stats.syncp);
}

/* The counters are cleared by reading, so every reader must add them up */
void tbnic_update_hw_stats(struct tbnic_adapter *adapter)
{
	struct tbnic_hw_stats *stats = &adapter->hw_stats;
	struct tbnic_hw *hw = &adapter->hw;

	mutex_lock(&adapter->stats_lock);
	stats->crc_errors += tbnic_read(hw, TBNIC_CRCERRS);
	stats->missed_packets += tbnic_read(hw, TBNIC_MPC);
	stats->no_buffer += tbnic_read(hw, TBNIC_RNBC);
	stats->good_rx += tbnic_read(hw, TBNIC_GPRC);
	stats->good_tx += tbnic_read(hw, TBNIC_GPTC);
	stats->broadcast_rx += tbnic_read(hw, TBNIC_BPRC);
	stats->multicast_rx += tbnic_read(hw, TBNIC_MPRC);
	stats->oversize_rx += tbnic_read(hw, TBNIC_ROC);
	mutex_unlock(&adapter->stats_lock);
}

static void tbnic_link_came(struct tbnic_adapter *adapter)
{
	struct tbnic_hw *hw = &adapter->hw;

	adapter->link_up = true;
	netdev_info(adapter->netdev, "link is up, %d Mb/s, %s duplex\n",
		    tbnic_hw_link_speed(hw),
		    tbnic_hw_full_duplex(hw) ? "full" : "half");
	netif_carrier_on(adapter->netdev);
}

static void tbnic_link_went(struct tbnic_adapter *adapter)
{
	adapter->link_up = false;
	netdev_info(adapter->netdev, "link is down\n");
	netif_carrier_off(adapter->netdev);
}

static void tbnic_watchdog_task(struct work_struct *work)
{
	struct tbnic_adapter *adapter =
		container_of(work, struct tbnic_adapter, watchdog_task);
	bool link;

	if (test_bit(__TBNIC_DOWN, adapter->state))
		return;
	link = tbnic_hw_link_up(&adapter->hw);
	if (link && !adapter->link_up)
		tbnic_link_came(adapter);
	else if (!link && adapter->link_up)
		tbnic_link_went(adapter);
	tbnic_update_hw_stats(adapter);
	mod_timer(&adapter->watchdog_timer,
		  round_jiffies(jiffies + TBNIC_WATCHDOG_PERIOD));
}

static void tbnic_watchdog(struct timer_list *timer)
{
	struct tbnic_adapter *adapter =
		container_of(timer, struct tbnic_adapter, watchdog_timer);

	schedule_work(&adapter->watchdog_task);
}

static irqreturn_t tbnic_intr(int irq, void *data)
{
	struct tbnic_adapter *adapter = data;
	struct tbnic_hw *hw = &adapter->hw;
	u32 icr = tbnic_read(hw, TBNIC_ICR);

	if (!icr)
		return IRQ_NONE;
	if (test_bit(__TBNIC_DOWN, adapter->state))
		return IRQ_HANDLED;
	if (icr & TBNIC_INT_LSC)
		mod_timer(&adapter->watchdog_timer, jiffies + 1);
	if (napi_schedule_prep(&adapter->napi)) {
		tbnic_write(hw, TBNIC_IMC, ~0U);
		__napi_schedule(&adapter->napi);
	}
	return IRQ_HANDLED;
}

static int tbnic_reset(struct tbnic_adapter *adapter)
{
	int err = tbnic_hw_reset(&adapter->hw);

	if (err) {
		netdev_err(adapter->netdev, "reset failed: %d\n", err);
		return err;
	}
	tbnic_hw_set_mac(&adapter->hw, adapter->netdev->dev_addr);
	tbnic_hw_set_itr(&adapter->hw, adapter->itr_usecs);
	return 0;
}

int tbnic_up(struct tbnic_adapter *adapter)
{
	struct tbnic_ring *rx_ring = &adapter->rx_ring;

	tbnic_configure_tx(adapter);
	tbnic_configure_rx(adapter);
	if (!tbnic_alloc_rx_buffers(adapter, tbnic_desc_unused(rx_ring)))
		netdev_warn(adapter->netdev, "rx ring is not full\n");

	napi_enable(&adapter->napi);
	clear_bit(__TBNIC_DOWN, adapter->state);
	tbnic_hw_irq_enable(&adapter->hw);
	netif_start_queue(adapter->netdev);
	mod_timer(&adapter->watchdog_timer, jiffies + 1);
	return 0;
}

void tbnic_down(struct tbnic_adapter *adapter)
{
	struct net_device *netdev = adapter->netdev;

	set_bit(__TBNIC_DOWN, adapter->state);
	netif_tx_disable(netdev);
	netif_carrier_off(netdev);
	adapter->link_up = false;

	tbnic_write(&adapter->hw, TBNIC_RCTL, 0);
	tbnic_write(&adapter->hw, TBNIC_TCTL, TBNIC_TCTL_PSP);
	tbnic_hw_irq_disable(&adapter->hw);
	synchronize_irq(adapter->pdev->irq);
	napi_disable(&adapter->napi);

	timer_delete_sync(&adapter->watchdog_timer);
	cancel_work_sync(&adapter->watchdog_task);
	timer_delete_sync(&adapter->watchdog_timer);

	tbnic_update_hw_stats(adapter);
	tbnic_reset(adapter);
	tbnic_clean_tx_ring(&adapter->tx_ring);
	tbnic_clean_rx_ring(&adapter->rx_ring);
}

/* Down and up again; the caller holds the rtnl lock */
void tbnic_reinit(struct tbnic_adapter *adapter)
{
	ASSERT_RTNL();
	set_bit(__TBNIC_RESETTING, adapter->state);
	tbnic_down(adapter);
	tbnic_up(adapter);
	clear_bit(__TBNIC_RESETTING, adapter->state);
}

static void tbnic_reset_task(struct work_struct *work)
{
	struct tbnic_adapter *adapter =
		container_of(work, struct tbnic_adapter, reset_task);

	rtnl_lock();
	if (netif_running(adapter->netdev))
		tbnic_reinit(adapter);
	rtnl_unlock();
}

static int tbnic_open(struct net_device *netdev)
{
	struct tbnic_adapter *adapter = netdev_priv(netdev);
	int err;

	netif_carrier_off(netdev);
	err = tbnic_setup_tx_ring(&adapter->tx_ring);
	if (err)
		return err;
	err = tbnic_setup_rx_ring(&adapter->rx_ring);
	if (err)
		goto free_tx;
	err = tbnic_reset(adapter);
	if (err)
		goto free_rx;
	err = request_irq(adapter->pdev->irq, tbnic_intr, IRQF_SHARED,
			  netdev->name, adapter);
	if (err)
		goto free_rx;
	return tbnic_up(adapter);

free_rx:
	tbnic_free_rx_ring(&adapter->rx_ring);
free_tx:
	tbnic_free_tx_ring(&adapter->tx_ring);
	return err;
}

static int tbnic_close(struct net_device *netdev)
{
	struct tbnic_adapter *adapter = netdev_priv(netdev);

	tbnic_down(adapter);
	free_irq(adapter->pdev->irq, adapter);
	tbnic_free_rx_ring(&adapter->rx_ring);
	tbnic_free_tx_ring(&adapter->tx_ring);
	return 0;
}

static void tbnic_read_queue_stats(struct tbnic_ring *ring, u64 *packets,
				   u64 *bytes)
{
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&ring->stats.syncp);
		*packets = ring->stats.packets;
		*bytes = ring->stats.bytes;
	} while (u64_stats_fetch_retry(&ring->stats.syncp, start));
}

static void tbnic_get_stats64(struct net_device *netdev,
			      struct rtnl_link_stats64 *stats)
{
	struct tbnic_adapter *adapter = netdev_priv(netdev);

	tbnic_read_queue_stats(&adapter->rx_ring, &stats->rx_packets,
			       &stats->rx_bytes);
	tbnic_read_queue_stats(&adapter->tx_ring, &stats->tx_packets,
			       &stats->tx_bytes);
	stats->tx_dropped = netdev->stats.tx_dropped;
	stats->multicast = adapter->hw_stats.multicast_rx;
	stats->rx_crc_errors = adapter->hw_stats.crc_errors;
	stats->rx_missed_errors = adapter->hw_stats.missed_packets;
	stats->rx_errors = adapter->rx_ring.counters.frame_errors;
}

static void tbnic_set_rx_mode(struct net_device *netdev)
{
	struct tbnic_adapter *adapter = netdev_priv(netdev);
	u32 rctl = tbnic_read(&adapter->hw, TBNIC_RCTL);

	rctl &= ~(TBNIC_RCTL_UPE | TBNIC_RCTL_MPE);
	if (netdev->flags & IFF_PROMISC)
		rctl |= TBNIC_RCTL_UPE | TBNIC_RCTL_MPE;
	else if ((netdev->flags & IFF_ALLMULTI) || !netdev_mc_empty(netdev))
		rctl |= TBNIC_RCTL_MPE;
	tbnic_write(&adapter->hw, TBNIC_RCTL, rctl);
}

static int tbnic_set_mac(struct net_device *netdev, void *data)
{
	struct tbnic_adapter *adapter = netdev_priv(netdev);
	struct sockaddr *addr = data;

	if (!is_valid_ether_addr(addr->sa_data))
		return -EADDRNOTAVAIL;
	eth_hw_addr_set(netdev, addr->sa_data);
	tbnic_hw_set_mac(&adapter->hw, netdev->dev_addr);
	return 0;
}

static void tbnic_tx_timeout(struct net_device *netdev, unsigned int txqueue)
{
	struct tbnic_adapter *adapter = netdev_priv(netdev);

	netdev_warn(netdev, "transmit queue %u timed out\n", txqueue);
	schedule_work(&adapter->reset_task);
}

static int tbnic_set_features(struct net_device *netdev,
			      netdev_features_t features)
{
	struct tbnic_adapter *adapter = netdev_priv(netdev);
	netdev_features_t changed = netdev->features ^ features;

	if (!(changed & NETIF_F_RXCSUM))
		return 0;
	netdev->features = features;
	if (netif_running(netdev))
		tbnic_reinit(adapter);
	return 1;
}

static const struct net_device_ops tbnic_netdev_ops = {
	.ndo_open		= tbnic_open,
	.ndo_stop		= tbnic_close,
	.ndo_start_xmit		= tbnic_xmit_frame,
	.ndo_get_stats64	= tbnic_get_stats64,
	.ndo_set_rx_mode	= tbnic_set_rx_mode,
	.ndo_set_mac_address	= tbnic_set_mac,
	.ndo_tx_timeout		= tbnic_tx_timeout,
	.ndo_set_features	= tbnic_set_features,
	.ndo_validate_addr	= eth_validate_addr,
};

static void tbnic_init_netdev(struct net_device *netdev)
{
	netdev->netdev_ops = &tbnic_netdev_ops;
	tbnic_set_ethtool_ops(netdev);
	netdev->watchdog_timeo = 5 * HZ;
	netdev->hw_features = NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_RXCSUM;
	netdev->features = netdev->hw_features | NETIF_F_HIGHDMA;
	netdev->min_mtu = ETH_MIN_MTU;
	netdev->max_mtu = ETH_DATA_LEN;
}

static int tbnic_init_hw(struct tbnic_adapter *adapter)
{
	struct tbnic_hw *hw = &adapter->hw;
	int err;

	hw->device_id = adapter->pdev->device;
	hw->revision_id = adapter->pdev->revision;
	err = tbnic_hw_reset(hw);
	if (err)
		return err;
	err = tbnic_hw_eeprom_check(hw);
	if (err)
		return err;
	return tbnic_hw_read_mac(hw);
}

static void tbnic_init_adapter(struct tbnic_adapter *adapter)
{
	set_bit(__TBNIC_DOWN, adapter->state);
	adapter->msg_enable = netif_msg_init(debug, NETIF_MSG_DRV |
					     NETIF_MSG_PROBE | NETIF_MSG_LINK);
	adapter->itr_usecs = 50;
	mutex_init(&adapter->stats_lock);
	tbnic_setup_ring_identity(adapter, &adapter->rx_ring);
	tbnic_setup_ring_identity(adapter, &adapter->tx_ring);
	timer_setup(&adapter->watchdog_timer, tbnic_watchdog, 0);
	INIT_WORK(&adapter->watchdog_task, tbnic_watchdog_task);
	INIT_WORK(&adapter->reset_task, tbnic_reset_task);
	netif_napi_add(adapter->netdev, &adapter->napi, tbnic_poll);
}

static int tbnic_probe(struct pci_dev *pdev, const struct pci_device_id *ent)
{
	struct tbnic_adapter *adapter;
	struct net_device *netdev;
	int err;

	err = pci_enable_device_mem(pdev);
	if (err)
		return err;
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (err)
		goto disable;
	err = pci_request_mem_regions(pdev, TBNIC_NAME);
	if (err)
		goto disable;
	pci_set_master(pdev);

	err = -ENOMEM;
	netdev = alloc_etherdev(sizeof(*adapter));
	if (!netdev)
		goto release;
	SET_NETDEV_DEV(netdev, &pdev->dev);
	pci_set_drvdata(pdev, netdev);
	adapter = netdev_priv(netdev);
	adapter->netdev = netdev;
	adapter->pdev = pdev;
	adapter->hw.io = pci_ioremap_bar(pdev, 0);
	if (!adapter->hw.io)
		goto free_netdev;

	tbnic_init_netdev(netdev);
	tbnic_init_adapter(adapter);
	err = tbnic_init_hw(adapter);
	if (err) {
		dev_err(&pdev->dev, "the device does not answer: %d\n", err);
		goto unmap;
	}
	eth_hw_addr_set(netdev, adapter->hw.mac);
	err = register_netdev(netdev);
	if (err)
		goto unmap;
	netif_carrier_off(netdev);
	netdev_info(netdev, "version %s, %pM\n", TBNIC_VERSION,
		    netdev->dev_addr);
	return 0;

unmap:
	netif_napi_del(&adapter->napi);
	iounmap(adapter->hw.io);
free_netdev:
	free_netdev(netdev);
release:
	pci_release_mem_regions(pdev);
disable:
	pci_disable_device(pdev);
	return err;
}

static void tbnic_remove(struct pci_dev *pdev)
{
	struct net_device *netdev = pci_get_drvdata(pdev);
	struct tbnic_adapter *adapter = netdev_priv(netdev);

	unregister_netdev(netdev);
	cancel_work_sync(&adapter->reset_task);
	netif_napi_del(&adapter->napi);
	iounmap(adapter->hw.io);
	free_netdev(netdev);
	pci_release_mem_regions(pdev);
	pci_disable_device(pdev);
}

static struct pci_driver tbnic_driver = {
	.name		= TBNIC_NAME,
	.id_table	= tbnic_pci_tbl,
	.probe		= tbnic_probe,
	.remove		= tbnic_remove,
};
module_pci_driver(tbnic_driver);

MODULE_DESCRIPTION("A teaching driver for the 82540EM");
MODULE_AUTHOR("The tarbisect authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(TBNIC_VERSION);
