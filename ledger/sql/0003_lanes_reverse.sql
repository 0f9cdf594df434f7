DROP TABLE ledger_lane_0, ledger_lane_1, ledger_lane_2, ledger_lane_3, ledger_lane_4, ledger_lane_5, ledger_lane_6, ledger_lane_7,
  ledger_lane_8, ledger_lane_9, ledger_lane_10, ledger_lane_11, ledger_lane_12, ledger_lane_13, ledger_lane_14, ledger_lane_15;
