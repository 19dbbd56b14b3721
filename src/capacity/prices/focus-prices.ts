// Written by scripts/price-snapshot.mjs.
import type { Article } from './price.js';

export const FOCUS_ADDRESS =
  'https://github.com/FinOps-Open-Cost-and-Usage-Spec/FOCUS-Sample-Data/blob/adbdd17a132984d6e8583c149c236d2199c3f5bc/FOCUS-1.0/focus_sample.csv';

/** List prices of September 2024, by region, from the FOCUS sample data of the FinOps Foundation (CC BY 4.0). */
export const FOCUS_PRICES: Readonly<Record<string, readonly (readonly [Article, number])[]>> = {
  'af-south-1': [['disk', 0.1047]],
  'ap-northeast-1': [
    ['metric requests', 0.01],
    ['public IPv4 address', 0.005],
  ],
  'ap-south-1': [
    ['disk', 0.0912],
    ['metric requests', 0.01],
    ['public IPv4 address', 0.005],
  ],
  'ap-southeast-1': [['metric requests', 0.01]],
  'ap-southeast-2': [['disk', 0.096]],
  'eu-central-1': [
    ['disk', 0.0952],
    ['network load balancer capacity', 0.006],
  ],
  'eu-west-1': [['metric requests', 0.01]],
  'eu-west-2': [
    ['metric requests', 0.01],
    ['public IPv4 address', 0.005],
  ],
  'us-east-1': [
    ['alarm', 0.1],
    ['application load balancer', 0.0225],
    ['disk', 0.08],
    ['network load balancer capacity', 0.006],
    ['public IPv4 address', 0.005],
  ],
  'us-east-2': [
    ['metric requests', 0.01],
    ['public IPv4 address', 0.005],
  ],
  'us-west-1': [['public IPv4 address', 0.005]],
  'us-west-2': [
    ['alarm', 0.1],
    ['application load balancer capacity', 0.008],
    ['application load balancer', 0.0225],
    ['custom metric', 0.3],
    ['disk', 0.08],
    ['public IPv4 address', 0.005],
  ],
};
