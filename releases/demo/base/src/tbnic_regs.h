/* SPDX-License-Identifier: GPL-2.0 */
/* Copyright (c) 2023 - 2025 the tarbisect authors */

#ifndef _TBNIC_REGS_H_
#define _TBNIC_REGS_H_

#include <linux/bits.h>
#include <linux/types.h>

/* Registers of the 82540EM that this driver uses: byte offsets in BAR 0 */
#define TBNIC_CTRL		0x00000
#define TBNIC_STATUS		0x00008
#define TBNIC_EERD		0x00014
#define TBNIC_MDIC		0x00020
#define TBNIC_ICR		0x000c0
#define TBNIC_ITR		0x000c4
#define TBNIC_ICS		0x000c8
#define TBNIC_IMS		0x000d0
#define TBNIC_IMC		0x000d8
#define TBNIC_RCTL		0x00100
#define TBNIC_TCTL		0x00400
#define TBNIC_TIPG		0x00410
#define TBNIC_RDBAL		0x02800
#define TBNIC_RDBAH		0x02804
#define TBNIC_RDLEN		0x02808
#define TBNIC_RDH		0x02810
#define TBNIC_RDT		0x02818
#define TBNIC_RDTR		0x02820
#define TBNIC_TDBAL		0x03800
#define TBNIC_TDBAH		0x03804
#define TBNIC_TDLEN		0x03808
#define TBNIC_TDH		0x03810
#define TBNIC_TDT		0x03818
#define TBNIC_TIDV		0x03820
#define TBNIC_RXCSUM		0x05000
#define TBNIC_MTA		0x05200
#define TBNIC_RAL0		0x05400
#define TBNIC_RAH0		0x05404
#define TBNIC_MTA_WORDS		128

/* Statistics, all cleared by reading */
#define TBNIC_CRCERRS		0x04000
#define TBNIC_MPC		0x04010
#define TBNIC_RNBC		0x040a0
#define TBNIC_GPRC		0x04074
#define TBNIC_GPTC		0x04080
#define TBNIC_BPRC		0x04078
#define TBNIC_MPRC		0x0407c
#define TBNIC_ROC		0x040ac

/* CTRL */
#define TBNIC_CTRL_FD		BIT(0)
#define TBNIC_CTRL_ASDE		BIT(5)
#define TBNIC_CTRL_SLU		BIT(6)
#define TBNIC_CTRL_RST		BIT(26)

/* STATUS */
#define TBNIC_STATUS_FD		BIT(0)
#define TBNIC_STATUS_LU		BIT(1)
#define TBNIC_STATUS_SPEED(s)	(((s) >> 6) & 0x3)

/* EERD: read one 16-bit word of the EEPROM */
#define TBNIC_EERD_START	BIT(0)
#define TBNIC_EERD_DONE		BIT(4)
#define TBNIC_EERD_ADDR(word)	((u32)(word) << 8)
#define TBNIC_EERD_DATA(val)	((u16)((val) >> 16))
#define TBNIC_EEPROM_WORDS	64
#define TBNIC_EEPROM_SUM	0xbaba

/* MDIC: access to the PHY */
#define TBNIC_MDIC_REG(reg)	((u32)(reg) << 16)
#define TBNIC_MDIC_PHY1		BIT(21)
#define TBNIC_MDIC_READ		BIT(27)
#define TBNIC_MDIC_READY	BIT(28)
#define TBNIC_MDIC_ERROR	BIT(30)

/* Interrupt causes */
#define TBNIC_INT_TXDW		BIT(0)
#define TBNIC_INT_LSC		BIT(2)
#define TBNIC_INT_RXDMT0	BIT(4)
#define TBNIC_INT_RXO		BIT(6)
#define TBNIC_INT_RXT0		BIT(7)
#define TBNIC_INT_ALL		(TBNIC_INT_TXDW | TBNIC_INT_LSC | \
				 TBNIC_INT_RXDMT0 | TBNIC_INT_RXO | \
				 TBNIC_INT_RXT0)

/* RCTL */
#define TBNIC_RCTL_EN		BIT(1)
#define TBNIC_RCTL_UPE		BIT(3)
#define TBNIC_RCTL_MPE		BIT(4)
#define TBNIC_RCTL_LPE		BIT(5)
#define TBNIC_RCTL_BAM		BIT(15)
#define TBNIC_RCTL_SECRC	BIT(26)

/* TCTL */
#define TBNIC_TCTL_EN		BIT(1)
#define TBNIC_TCTL_PSP		BIT(3)
#define TBNIC_TCTL_CT(n)	((u32)(n) << 4)
#define TBNIC_TCTL_COLD(n)	((u32)(n) << 12)

/* RXCSUM */
#define TBNIC_RXCSUM_IPOFL	BIT(8)
#define TBNIC_RXCSUM_TUOFL	BIT(9)

#define TBNIC_RAH_AV		BIT(31)

/* Receive descriptor, legacy form */
struct tbnic_rx_desc {
	__le64 addr;
	__le16 length;
	__le16 csum;
	u8 status;
	u8 errors;
	__le16 special;
};

#define TBNIC_RXD_DD		BIT(0)
#define TBNIC_RXD_EOP		BIT(1)
#define TBNIC_RXD_IXSM		BIT(2)
#define TBNIC_RXD_TCPCS		BIT(5)
#define TBNIC_RXE_CE		BIT(0)
#define TBNIC_RXE_SE		BIT(1)
#define TBNIC_RXE_SEQ		BIT(2)
#define TBNIC_RXE_TCPE		BIT(5)
#define TBNIC_RXE_IPE		BIT(6)
#define TBNIC_RXE_RXE		BIT(7)
#define TBNIC_RXE_FRAME		(TBNIC_RXE_CE | TBNIC_RXE_SE | \
				 TBNIC_RXE_SEQ | TBNIC_RXE_RXE)

/* Transmit descriptor, data form: cmd_len holds length, type and command */
struct tbnic_tx_desc {
	__le64 addr;
	__le32 cmd_len;
	u8 status;
	u8 popts;
	__le16 special;
};

/* Transmit descriptor, context form: how to checksum what follows */
struct tbnic_tx_context {
	u8 ipcss;
	u8 ipcso;
	__le16 ipcse;
	u8 tucss;
	u8 tucso;
	__le16 tucse;
	__le32 cmd_len;
	u8 status;
	u8 hdr_len;
	__le16 mss;
};

#define TBNIC_TXD_LEN(len)	((u32)(len) & 0xfffff)
#define TBNIC_TXD_DATA		BIT(20)
#define TBNIC_TXD_EOP		BIT(24)
#define TBNIC_TXD_IFCS		BIT(25)
#define TBNIC_TXD_TSE		BIT(26)
#define TBNIC_TXD_TCP		BIT(24)
#define TBNIC_TXD_IPV4		BIT(25)
#define TBNIC_TXD_RS		BIT(27)
#define TBNIC_TXD_DEXT		BIT(29)
#define TBNIC_TXD_DD		BIT(0)
#define TBNIC_POPTS_IXSM	BIT(0)
#define TBNIC_POPTS_TXSM	BIT(1)

#endif /* _TBNIC_REGS_H_ */
