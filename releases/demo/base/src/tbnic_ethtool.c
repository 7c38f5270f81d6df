// SPDX-License-Identifier: GPL-2.0
/* Copyright (c) 2023 - 2025 the tarbisect authors */

#include "tbnic.h"

struct tbnic_stat {
	char name[ETH_GSTRING_LEN];
	size_t offset;
};

#define TBNIC_STAT(text, member) \
	{ .name = text, .offset = offsetof(struct tbnic_adapter, member) }

static const struct tbnic_stat tbnic_gstrings_stats[] = {
	TBNIC_STAT("rx_good", hw_stats.good_rx),
	TBNIC_STAT("tx_good", hw_stats.good_tx),
	TBNIC_STAT("rx_broadcast", hw_stats.broadcast_rx),
	TBNIC_STAT("rx_multicast", hw_stats.multicast_rx),
	TBNIC_STAT("rx_crc_errors", hw_stats.crc_errors),
	TBNIC_STAT("rx_missed", hw_stats.missed_packets),
	TBNIC_STAT("rx_no_buffer", hw_stats.no_buffer),
	TBNIC_STAT("rx_oversize", hw_stats.oversize_rx),
	TBNIC_STAT("rx_alloc_failed", rx_ring.counters.alloc_failed),
};

#define TBNIC_STATS_LEN ARRAY_SIZE(tbnic_gstrings_stats)

static const u32 tbnic_dumped_regs[] = {
	TBNIC_CTRL, TBNIC_STATUS, TBNIC_RCTL, TBNIC_TCTL,
	TBNIC_RDBAL, TBNIC_RDBAH, TBNIC_RDLEN, TBNIC_RDH, TBNIC_RDT,
	TBNIC_TDBAL, TBNIC_TDBAH, TBNIC_TDLEN, TBNIC_TDH, TBNIC_TDT,
	TBNIC_ITR, TBNIC_IMS, TBNIC_RXCSUM,
};

static void tbnic_get_drvinfo(struct net_device *netdev,
			      struct ethtool_drvinfo *info)
{
	struct tbnic_adapter *adapter = netdev_priv(netdev);

	strscpy(info->driver, TBNIC_NAME, sizeof(info->driver));
	strscpy(info->version, TBNIC_VERSION, sizeof(info->version));
	strscpy(info->bus_info, pci_name(adapter->pdev),
		sizeof(info->bus_info));
}

static int tbnic_get_regs_len(struct net_device *netdev)
{
	return sizeof(tbnic_dumped_regs);
}

static void tbnic_get_regs(struct net_device *netdev,
			   struct ethtool_regs *regs, void *data)
{
	struct tbnic_adapter *adapter = netdev_priv(netdev);
	u32 *out = data;
	int i;

	regs->version = 1U << 24 | adapter->hw.revision_id << 16 |
			adapter->hw.device_id;
	for (i = 0; i < ARRAY_SIZE(tbnic_dumped_regs); i++)
		out[i] = tbnic_read(&adapter->hw, tbnic_dumped_regs[i]);
}

static u32 tbnic_get_msglevel(struct net_device *netdev)
{
	struct tbnic_adapter *adapter = netdev_priv(netdev);

	return adapter->msg_enable;
}

static void tbnic_set_msglevel(struct net_device *netdev, u32 level)
{
	struct tbnic_adapter *adapter = netdev_priv(netdev);

	adapter->msg_enable = level;
}

static int tbnic_get_link_ksettings(struct net_device *netdev,
				    struct ethtool_link_ksettings *cmd)
{
	struct tbnic_adapter *adapter = netdev_priv(netdev);

	ethtool_link_ksettings_zero_link_mode(cmd, supported);
	ethtool_link_ksettings_add_link_mode(cmd, supported, 1000baseT_Full);
	ethtool_link_ksettings_add_link_mode(cmd, supported, TP);
	cmd->base.port = PORT_TP;
	cmd->base.autoneg = AUTONEG_ENABLE;
	cmd->base.speed = SPEED_UNKNOWN;
	cmd->base.duplex = DUPLEX_UNKNOWN;
	if (adapter->link_up) {
		cmd->base.speed = tbnic_hw_link_speed(&adapter->hw);
		cmd->base.duplex = tbnic_hw_full_duplex(&adapter->hw) ?
				   DUPLEX_FULL : DUPLEX_HALF;
	}
	return 0;
}

#ifdef HAVE_RINGPARAM_EXTACK
static void tbnic_get_ringparam(struct net_device *netdev,
				struct ethtool_ringparam *ring,
				struct kernel_ethtool_ringparam *kernel_ring,
				struct netlink_ext_ack *extack)
#else
static void tbnic_get_ringparam(struct net_device *netdev,
				struct ethtool_ringparam *ring)
#endif
{
	struct tbnic_adapter *adapter = netdev_priv(netdev);

	ring->rx_max_pending = TBNIC_RING_MAX;
	ring->tx_max_pending = TBNIC_RING_MAX;
	ring->rx_pending = adapter->rx_ring.count;
	ring->tx_pending = adapter->tx_ring.count;
}

static u16 tbnic_ring_size(u32 wanted)
{
	u32 size = clamp_t(u32, wanted, TBNIC_RING_MIN, TBNIC_RING_MAX);

	return ALIGN(size, TBNIC_RING_MULTIPLE);
}

static int tbnic_resize_rings(struct tbnic_adapter *adapter, u16 rx, u16 tx)
{
	int err;

	if (!netif_running(adapter->netdev)) {
		adapter->rx_ring.count = rx;
		adapter->tx_ring.count = tx;
		return 0;
	}

	tbnic_down(adapter);
	tbnic_free_rx_ring(&adapter->rx_ring);
	tbnic_free_tx_ring(&adapter->tx_ring);
	adapter->rx_ring.count = rx;
	adapter->tx_ring.count = tx;
	err = tbnic_setup_tx_ring(&adapter->tx_ring);
	if (err)
		return err;
	err = tbnic_setup_rx_ring(&adapter->rx_ring);
	if (err) {
		tbnic_free_tx_ring(&adapter->tx_ring);
		return err;
	}
	return tbnic_up(adapter);
}

#ifdef HAVE_RINGPARAM_EXTACK
static int tbnic_set_ringparam(struct net_device *netdev,
			       struct ethtool_ringparam *ring,
			       struct kernel_ethtool_ringparam *kernel_ring,
			       struct netlink_ext_ack *extack)
#else
static int tbnic_set_ringparam(struct net_device *netdev,
			       struct ethtool_ringparam *ring)
#endif
{
	struct tbnic_adapter *adapter = netdev_priv(netdev);
	u16 rx = tbnic_ring_size(ring->rx_pending);
	u16 tx = tbnic_ring_size(ring->tx_pending);

	if (ring->rx_mini_pending || ring->rx_jumbo_pending)
		return -EINVAL;
	if (rx == adapter->rx_ring.count && tx == adapter->tx_ring.count)
		return 0;
	return tbnic_resize_rings(adapter, rx, tx);
}

static int tbnic_get_sset_count(struct net_device *netdev, int sset)
{
	return sset == ETH_SS_STATS ? TBNIC_STATS_LEN : -EOPNOTSUPP;
}

static void tbnic_get_strings(struct net_device *netdev, u32 sset, u8 *data)
{
	int i;

	if (sset != ETH_SS_STATS)
		return;
	for (i = 0; i < TBNIC_STATS_LEN; i++)
		memcpy(data + i * ETH_GSTRING_LEN,
		       tbnic_gstrings_stats[i].name, ETH_GSTRING_LEN);
}

static void tbnic_get_ethtool_stats(struct net_device *netdev,
				    struct ethtool_stats *stats, u64 *data)
{
	struct tbnic_adapter *adapter = netdev_priv(netdev);
	int i;

	if (netif_running(netdev))
		tbnic_update_hw_stats(adapter);
	for (i = 0; i < TBNIC_STATS_LEN; i++)
		data[i] = *(u64 *)((u8 *)adapter +
				   tbnic_gstrings_stats[i].offset);
}

static const struct ethtool_ops tbnic_ethtool_ops = {
	.get_drvinfo		= tbnic_get_drvinfo,
	.get_regs_len		= tbnic_get_regs_len,
	.get_regs		= tbnic_get_regs,
	.get_msglevel		= tbnic_get_msglevel,
	.set_msglevel		= tbnic_set_msglevel,
	.get_link		= ethtool_op_get_link,
	.get_link_ksettings	= tbnic_get_link_ksettings,
	.get_ringparam		= tbnic_get_ringparam,
	.set_ringparam		= tbnic_set_ringparam,
	.get_sset_count		= tbnic_get_sset_count,
	.get_strings		= tbnic_get_strings,
	.get_ethtool_stats	= tbnic_get_ethtool_stats,
	.get_ts_info		= ethtool_op_get_ts_info,
};

void tbnic_set_ethtool_ops(struct net_device *netdev)
{
	netdev->ethtool_ops = &tbnic_ethtool_ops;
}
