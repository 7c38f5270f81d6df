// SPDX-License-Identifier: GPL-2.0
/* Copyright (c) 2023 - 2025 the tarbisect authors */

#include "tbnic.h"

#include <linux/delay.h>
#include <linux/mii.h>

#define TBNIC_EEPROM_TRIES	1000
#define TBNIC_PHY_TRIES		200

/* Puts the device in a known state: interrupts masked, both units stopped */
int tbnic_hw_reset(struct tbnic_hw *hw)
{
	u32 ctrl;
	int i;

	tbnic_hw_irq_disable(hw);
	tbnic_write(hw, TBNIC_RCTL, 0);
	tbnic_write(hw, TBNIC_TCTL, TBNIC_TCTL_PSP);
	tbnic_read(hw, TBNIC_STATUS);
	usleep_range(1000, 2000);

	ctrl = tbnic_read(hw, TBNIC_CTRL);
	tbnic_write(hw, TBNIC_CTRL, ctrl | TBNIC_CTRL_RST);
	usleep_range(2000, 4000);
	if (tbnic_read(hw, TBNIC_CTRL) & TBNIC_CTRL_RST)
		return -EIO;

	tbnic_hw_irq_disable(hw);
	tbnic_read(hw, TBNIC_ICR);
	ctrl = tbnic_read(hw, TBNIC_CTRL);
	tbnic_write(hw, TBNIC_CTRL,
		    ctrl | TBNIC_CTRL_SLU | TBNIC_CTRL_ASDE | TBNIC_CTRL_FD);

	for (i = 0; i < TBNIC_MTA_WORDS; i++)
		tbnic_write(hw, TBNIC_MTA + i * 4, 0);
	return 0;
}

int tbnic_hw_eeprom_read(struct tbnic_hw *hw, u16 word, u16 *data)
{
	u32 value;
	int i;

	tbnic_write(hw, TBNIC_EERD,
		    TBNIC_EERD_ADDR(word) | TBNIC_EERD_START);
	for (i = 0; i < TBNIC_EEPROM_TRIES; i++) {
		value = tbnic_read(hw, TBNIC_EERD);
		if (value & TBNIC_EERD_DONE) {
			*data = TBNIC_EERD_DATA(value);
			return 0;
		}
		udelay(5);
	}
	return -ETIMEDOUT;
}

/* The words of a healthy EEPROM add up to 0xbaba */
int tbnic_hw_eeprom_check(struct tbnic_hw *hw)
{
	u16 sum = 0;
	u16 word;
	int err;
	u16 i;

	for (i = 0; i < TBNIC_EEPROM_WORDS; i++) {
		err = tbnic_hw_eeprom_read(hw, i, &word);
		if (err)
			return err;
		sum += word;
	}
	return sum == TBNIC_EEPROM_SUM ? 0 : -EINVAL;
}

int tbnic_hw_read_mac(struct tbnic_hw *hw)
{
	u16 word;
	int err;
	int i;

	for (i = 0; i < ETH_ALEN / 2; i++) {
		err = tbnic_hw_eeprom_read(hw, i, &word);
		if (err)
			return err;
		hw->mac[i * 2] = word & 0xff;
		hw->mac[i * 2 + 1] = word >> 8;
	}
	return is_valid_ether_addr(hw->mac) ? 0 : -EADDRNOTAVAIL;
}

int tbnic_hw_phy_read(struct tbnic_hw *hw, u8 reg, u16 *data)
{
	u32 value;
	int i;

	tbnic_write(hw, TBNIC_MDIC, TBNIC_MDIC_REG(reg) | TBNIC_MDIC_PHY1 |
		    TBNIC_MDIC_READ);
	for (i = 0; i < TBNIC_PHY_TRIES; i++) {
		value = tbnic_read(hw, TBNIC_MDIC);
		if (value & TBNIC_MDIC_ERROR)
			return -EIO;
		if (value & TBNIC_MDIC_READY) {
			*data = value & 0xffff;
			return 0;
		}
		udelay(50);
	}
	return -ETIMEDOUT;
}

void tbnic_hw_set_mac(struct tbnic_hw *hw, const u8 *addr)
{
	u32 low = addr[0] | addr[1] << 8 | addr[2] << 16 | (u32)addr[3] << 24;
	u32 high = addr[4] | addr[5] << 8;

	tbnic_write(hw, TBNIC_RAL0, low);
	tbnic_write(hw, TBNIC_RAH0, high | TBNIC_RAH_AV);
}

/* The register counts in units of 256 ns */
void tbnic_hw_set_itr(struct tbnic_hw *hw, u16 usecs)
{
	tbnic_write(hw, TBNIC_ITR, usecs * 1000 / 256);
}

void tbnic_hw_irq_enable(struct tbnic_hw *hw)
{
	tbnic_write(hw, TBNIC_IMS, TBNIC_INT_ALL);
	tbnic_read(hw, TBNIC_STATUS);
}

void tbnic_hw_irq_disable(struct tbnic_hw *hw)
{
	tbnic_write(hw, TBNIC_IMC, ~0U);
	tbnic_read(hw, TBNIC_STATUS);
}

bool tbnic_hw_link_up(struct tbnic_hw *hw)
{
	return tbnic_read(hw, TBNIC_STATUS) & TBNIC_STATUS_LU;
}

int tbnic_hw_link_speed(struct tbnic_hw *hw)
{
	switch (TBNIC_STATUS_SPEED(tbnic_read(hw, TBNIC_STATUS))) {
	case 0:
		return SPEED_10;
	case 1:
		return SPEED_100;
	default:
		return SPEED_1000;
	}
}

bool tbnic_hw_full_duplex(struct tbnic_hw *hw)
{
	return tbnic_read(hw, TBNIC_STATUS) & TBNIC_STATUS_FD;
}
